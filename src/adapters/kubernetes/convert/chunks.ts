import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";

/** An object of the API holds 1 MiB in all; base64 takes a third more than the bytes. */
const CHUNK_BYTES = 600 * 1024;

/** A value as base64 pieces that fit one object each. */
export function toChunks(value: unknown): { chunks: string[]; sha256: string } {
  const bytes = gzipSync(JSON.stringify(value));
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    chunks.push(bytes.subarray(at, at + CHUNK_BYTES).toString("base64"));
  }
  return { chunks, sha256: sha256Of(bytes) };
}

/** @throws Error where a piece is missing or changed */
export function fromChunks(chunks: readonly string[], sha256: string): unknown {
  const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk, "base64")));
  if (sha256Of(bytes) !== sha256) throw new Error("the stored memory is damaged: its digest is not the one recorded");
  return JSON.parse(gunzipSync(bytes).toString("utf8"));
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
