import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The parts of a descriptor set with source info (JSON of google.protobuf.FileDescriptorProto) that are printed. */
export interface ProtoFile {
  name: string;
  package: string;
  messageType?: ProtoMessage[];
  enumType?: ProtoEnum[];
  service?: ProtoService[];
  sourceCodeInfo?: { location?: { path?: number[]; leadingComments?: string; trailingComments?: string }[] };
}

export interface ProtoMessage {
  name: string;
  field?: ProtoField[];
  oneofDecl?: { name: string }[];
  nestedType?: (ProtoMessage & { options?: { mapEntry?: boolean } })[];
}

export interface ProtoField {
  name: string;
  number: number;
  label: string;
  type: string;
  typeName?: string;
  oneofIndex?: number;
  proto3Optional?: boolean;
}

export interface ProtoEnum {
  name: string;
  value: { name: string; number?: number }[];
}

export interface ProtoService {
  name: string;
  method: {
    name: string;
    inputType: string;
    outputType: string;
    clientStreaming?: boolean;
    serverStreaming?: boolean;
  }[];
}

/**
 * Every proto file of the repository, as buf compiles it.
 *
 * @throws Error with what buf said
 */
export function protoImage(root: string): ProtoFile[] {
  const scratch = mkdtempSync(join(tmpdir(), "apportion-image-"));
  try {
    const output = join(scratch, "image.json");
    const run = spawnSync(join(root, "node_modules/.bin/buf"), ["build", "--output", output], {
      cwd: root,
      encoding: "utf8",
    });
    if (run.error) throw run.error;
    if (run.status !== 0) throw new Error(`buf build failed:\n${run.stdout}${run.stderr}`);
    return (JSON.parse(readFileSync(output, "utf8")) as { file: ProtoFile[] }).file;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Comment before (or behind) what a path of descriptor field numbers and indexes names; empty where there is none. */
export function commentsOf(file: ProtoFile): (...path: number[]) => string {
  const comments = new Map(
    file.sourceCodeInfo?.location?.map(({ path = [], leadingComments, trailingComments }) => [
      path.join("."),
      (leadingComments ?? trailingComments ?? "").trim(),
    ]),
  );
  return (...path) => comments.get(path.join(".")) ?? "";
}
