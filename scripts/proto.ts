/**
 * The protos: lint, breaking changes, generated code.
 *
 *   node scripts/proto.ts             check everything: lint, format, breaking, generated code up to date (default)
 *   node scripts/proto.ts generate    write src/gen/
 *   node scripts/proto.ts baseline    accept the present protos as what later ones must stay compatible with
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const BASELINE = "proto/baseline.binpb";
const GENERATED = "src/gen";
/** What server reflection answers with, byte for byte as buf compiled it. */
const DESCRIPTORS = "descriptors.binpb";

function buf(...args: string[]): void {
  const result = spawnSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, encoding: "utf8" });
  if (result.error) throw result.error;
  if (result.status === 0) return;
  throw new Error(`buf ${args.join(" ")} failed:\n${result.stdout}${result.stderr}`);
}

function generate(outDir: string): void {
  // Health comes with its own package; its proto is here for the descriptors alone.
  buf("generate", "--exclude-path", "proto/grpc", "--output", outDir);
  const image = join(outDir, GENERATED, DESCRIPTORS);
  buf("build", "--as-file-descriptor-set", "--exclude-source-info", "--output", image);
}

/** Relative paths of all files below `dir`, sorted. */
function filesBelow(dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}

/** Generates into a temporary directory and compares with what is committed. */
function checkGenerated(): void {
  const scratch = mkdtempSync(join(tmpdir(), "apportion-proto-"));
  try {
    generate(scratch);
    const fresh = join(scratch, GENERATED);
    const committed = join(root, GENERATED);
    const names = filesBelow(fresh);
    const stale = names.filter((name) => !sameFile(join(fresh, name), join(committed, name)));
    const left = filesBelow(committed).filter((name) => !names.includes(name));
    if (stale.length + left.length === 0) return;
    throw new Error(
      `${GENERATED} differs from the protos in ${[...stale, ...left].join(", ")}; run: node scripts/proto.ts generate`,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sameFile(a: string, b: string): boolean {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}

/** Through a scratch directory, so that a failing generator leaves the committed code alone. */
function writeGenerated(): void {
  const scratch = mkdtempSync(join(tmpdir(), "apportion-proto-"));
  try {
    generate(scratch);
    rmSync(join(root, GENERATED), { recursive: true, force: true });
    cpSync(join(scratch, GENERATED), join(root, GENERATED), { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function check(): void {
  buf("lint");
  buf("format", "--diff", "--exit-code");
  buf("breaking", "--against", BASELINE);
  checkGenerated();
}

const commands: Record<string, () => void> = {
  check,
  generate: writeGenerated,
  baseline: () => buf("build", "--exclude-source-info", "--output", BASELINE),
};

const name = process.argv[2] ?? "check";
const command = commands[name];
if (command === undefined) {
  console.error(`unknown command ${name}; one of ${Object.keys(commands).join(", ")}`);
  process.exit(2);
}
try {
  command();
  console.error(`proto ${name}: done`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
