import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DOCS, replaced } from "../../bench/sections.ts";
import { settingsFrom } from "../../bench/settings.ts";
import { digits, percent, table, time, worst } from "../../bench/table.ts";

const NAMES = ["sizes", "scale", "ladder", "replan", "scenarios", "real", "peers", "plot", "references"];

describe("docs/benchmarks.md", () => {
  const document = readFileSync(join(DOCS, "benchmarks.md"), "utf8");

  it.each(NAMES)("has a place for the lines of %s, and keeps all around it", (name) => {
    const lines = ["| a |", "| --- |"];
    const written = replaced(document, { name, lines });
    expect(written).toContain(`<!-- bench:${name} -->\n\n| a |\n| --- |\n\n<!-- /bench:${name} -->`);
    // what is written twice is written the same
    expect(replaced(written, { name, lines })).toBe(written);
  });

  it.each(NAMES.filter((n) => n !== "plot" && n !== "references"))("has a headline of %s in its summary", (name) => {
    const written = replaced(document, { name, headline: "All is well.", lines: [] });
    const [summary = ""] = written.split(/^## (?!Summary)/m);
    expect(summary).toContain("All is well.");
  });

  it("names a section that it does not have", () => {
    expect(() => replaced("# empty", { name: "scale", lines: [] })).toThrow(/nothing between <!-- bench:scale -->/);
  });
});

describe("tables", () => {
  it("are padded", () => {
    expect(table(["a", "long"], [["1234", "x"]])).toEqual(["| a    | long |", "| ---- | ---- |", "| 1234 | x    |"]);
  });

  it("say figures as they repeat", () => {
    expect([0, 1e-7, 0.00123, 0.5, 21.57, null].map(percent)).toEqual([
      "0",
      "< 0.001 %",
      "0.12 %",
      "50 %",
      "2157 %",
      "–",
    ]);
    expect([0.0004, 12.34, 999, 61_000].map(time)).toEqual(["0.4 µs", "12 ms", "999 ms", "61 s"]);
    expect(digits(123456)).toBe("123456");
  });

  it("take the worst seed, and an unknown one for worse than any", () => {
    expect(worst([1, 3, 2])).toBe(3);
    expect(worst([1, null, 2])).toBeNull();
    expect(worst([])).toBeNull();
  });
});

describe("options", () => {
  it("give one seed to quick runs, which write nothing down", () => {
    expect(settingsFrom(["scale", "--quick"]).seeds).toEqual([1]);
    expect(settingsFrom(["scale"]).seeds).toEqual([1, 2, 3]);
    expect(settingsFrom(["scale", "--limit", "2.5"]).limitMs).toBe(2500);
    expect(() => settingsFrom(["scale", "--quick", "--write"])).toThrow(/--quick/);
  });
});
