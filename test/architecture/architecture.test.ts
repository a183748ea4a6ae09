import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Reading, readRooms, rules } from "./cruise.ts";
import { PLANTED, plantAll } from "./planted.ts";

const root = join(import.meta.dirname, "../..");

function sourceFiles(dir: string): string[] {
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

describe("the rooms of this repository", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readRooms(root);
  });

  it("import only what they may", () => {
    expect(reading.violations).toEqual([]);
  });

  it("were all read", () => {
    const files = [...sourceFiles("src"), ...sourceFiles("solver/src")];
    expect(files.filter((file) => !reading.modules.includes(file))).toEqual([]);
    expect(reading.modules.length).toBeGreaterThan(30);
  });
});

describe("a house with a violation of every rule", () => {
  const dir = mkdtempSync(join(tmpdir(), "apportion-rooms-"));
  let reading: Reading;
  beforeAll(async () => {
    plantAll(dir);
    reading = await readRooms(dir);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("has one for each rule", () => {
    expect(Object.keys(PLANTED).sort()).toEqual(rules.map((rule) => rule.name).sort());
  });

  it.each(Object.entries(PLANTED))("%s is caught", (name, { file }) => {
    const caught = reading.violations.filter((violation) => violation.startsWith(`${name}: ${file} → `));
    expect(caught).toHaveLength(1);
  });

  it("blames nothing that is sound", () => {
    const guilty = new Set([...Object.values(PLANTED).map(({ file }) => file), "src/domain/two.ts"]);
    const blamed = reading.violations.map((violation) => violation.replace(/^[^:]+: (.*) → .*$/, "$1"));
    expect(blamed.filter((file) => !guilty.has(file))).toEqual([]);
  });
});
