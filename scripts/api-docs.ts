/**
 * The API reference in docs/reference, made from the protos and the CRDs.
 *
 *   node scripts/api-docs.ts          writes it (default)
 *   node scripts/api-docs.ts check    whether it is up to date; exit code 1 where it is not
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crdReference } from "./api-docs/crds.ts";
import { grpcReference } from "./api-docs/grpc.ts";

const root = join(import.meta.dirname, "..");

const PAGES: Record<string, (root: string) => string> = {
  "docs/reference/grpc.md": grpcReference,
  "docs/reference/crds.md": crdReference,
};

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function write(): void {
  for (const [name, make] of Object.entries(PAGES)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, make(root));
    console.log(`wrote ${name}`);
  }
}

function check(): void {
  const stale = Object.entries(PAGES).filter(([name, make]) => read(join(root, name)) !== make(root));
  if (stale.length > 0) {
    throw new Error(`${stale.map(([name]) => name).join(", ")} is not up to date; run: node scripts/api-docs.ts`);
  }
  console.log("the API reference is up to date");
}

const commands: Record<string, () => void> = { write, check };
const run = commands[process.argv[2] ?? "write"];
try {
  if (run === undefined) throw new Error(`usage: api-docs.ts ${Object.keys(commands).join(" | ")}`);
  run();
} catch (error) {
  console.error(`api-docs: ${(error as Error).message}`);
  process.exitCode = 1;
}
