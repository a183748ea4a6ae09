import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { MAX_JSON_BYTES } from "./document-text.ts";

/** A file that cannot be read; the message names it and the fix. */
export class FileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FileError";
  }
}

/**
 * The text of a file, UTF-8; `-` is standard input.
 *
 * @throws FileError where it is absent, no file, too large or not UTF-8
 */
export async function readTextFile(path: string, stdin: Readable): Promise<string> {
  const name = path === "-" ? "standard input" : path;
  const bytes = path === "-" ? await collect(stdin, name) : await readBounded(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(`${name}: is not UTF-8 text; save it as UTF-8`);
  }
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    // A stream rather than the size: pipes and devices have none.
    return await collect(file.createReadStream({ autoClose: false }), path);
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(`${path}: cannot be read (${reason(error)}); give a file that exists, or - for standard input`);
  }
}

async function collect(stream: Readable, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    total += bytes.length;
    if (total > MAX_JSON_BYTES)
      throw new FileError(`${name}: is larger than ${MAX_JSON_BYTES} bytes; split the problem`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
