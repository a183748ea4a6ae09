import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";

const DESCRIPTORS = fileURLToPath(new URL("../../gen/descriptors.binpb", import.meta.url));

/** Server reflection (v1 and v1alpha) of placement and health, with the descriptors that buf compiled. */
export function addReflection(server: Server): void {
  const fileDescriptorProtos = splitDescriptorSet(readFileSync(DESCRIPTORS));
  // Its constructor takes any package and reads nothing of it but the encoded descriptors.
  const all = { format: "Protocol Buffer 3 DescriptorProto" as const, type: {}, fileDescriptorProtos };
  new ReflectionService({ all }).addToServer(server);
}

/** The encoded files of a `google.protobuf.FileDescriptorSet`: its field 1, repeated. */
function splitDescriptorSet(bytes: Uint8Array): Buffer[] {
  const reader = new BinaryReader(bytes);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) files.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType);
  }
  return files;
}
