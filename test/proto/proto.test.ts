import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const buf = join(root, "node_modules/.bin/buf");

test("the protos are linted, formatted, compatible with the baseline, and the generated code is up to date", () => {
  const node = join(root, "node_modules/node/bin/node");
  const { status, stderr } = spawnSync(node, ["scripts/proto.ts", "check"], { cwd: root, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "proto check: done\n" });
});

/** A copy of the protos with one file changed. */
function copyWith(file: string, change: (text: string) => string): string {
  const directory = mkdtempSync(join(tmpdir(), "apportion-buf-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(join(root, "proto"), join(directory, "proto"), { recursive: true });
  cpSync(join(root, "buf.yaml"), join(directory, "buf.yaml"));
  const path = join(directory, "proto", file);
  const before = readFileSync(path, "utf8");
  const after = change(before);
  if (after === before) throw new Error("nothing was changed");
  writeFileSync(path, after);
  return directory;
}

test.each([
  ["a removed field", (text: string) => text.replace(/\n {2}string subject = 1;/, ""), 'field "1" with name "subject"'],
  ["a changed type", (text: string) => text.replace("bool cures = 5", "int32 cures = 5"), "changed type"],
  ["a removed method", (text: string) => text.replace(/ {2}rpc Verify.*\n/, ""), 'RPC "Verify"'],
])("%s is a breaking change", (_, change, message) => {
  const directory = copyWith("apportion/v1/placement.proto", change);
  const { status, stdout } = spawnSync(buf, ["breaking", "--against", join(root, "proto/baseline.binpb")], {
    cwd: directory,
    encoding: "utf8",
  });
  expect(status).not.toBe(0);
  expect(stdout).toContain(message);
});

test("no message of ours has a map field, which server reflection for Node cannot describe; KEDA's wire format has one", () => {
  const files = readdirSync(join(root, "proto"), { recursive: true, encoding: "utf8" });
  const protos = files.filter((file) => file.endsWith(".proto") && !file.startsWith("externalscaler"));
  expect(protos.length).toBeGreaterThanOrEqual(4);
  for (const file of protos) expect(readFileSync(join(root, "proto", file), "utf8"), file).not.toMatch(/^\s*map</m);
});
