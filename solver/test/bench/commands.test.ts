import { describe, expect, it } from "vitest";
import { ladder } from "../../bench/commands/ladder.ts";
import { real } from "../../bench/commands/real.ts";
import { replan } from "../../bench/commands/replan.ts";
import { scale } from "../../bench/commands/scale.ts";
import { scenarios } from "../../bench/commands/scenarios.ts";
import { sizes } from "../../bench/commands/sizes.ts";
import type { References } from "../../bench/references.ts";
import { cells, quick, runHere } from "./support.ts";

/** The short form of every sub-command, so that none can rot: that it runs and what it says, never how fast it is. */
describe("bench sub-commands", () => {
  it("sizes: a row for each size, capacity and engine, all proved", async () => {
    const section = await sizes(quick("--rules", "max-min,penalty", "--limit", "60"), runHere);
    expect(cells(section.lines).map((row) => row.slice(0, 4))).toEqual([["5", "tight", "auto", "2/2"]]);
    expect(section.headline).toMatch(/^2 of 2 proved optimal/);
  });

  it("scale: gaps in parts once something is known, and growth", async () => {
    const references: References = {};
    const settings = quick("--sizes", "20", "--engine", "heuristic");
    const first = await scale(settings, runHere, references);
    expect(cells(first.lines)[0]!.slice(0, 2)).toEqual(["20 × 4", "tight"]);
    expect(cells(first.lines)[0]!.slice(5, 8)).toEqual(["–", "–", "–"]);
    const again = await scale(settings, runHere, references);
    expect(cells(again.lines)[0]!.slice(5, 7)).toEqual(["0", "0"]);
    expect(Object.keys(references)).toEqual(["w20-p4-r1-s1-penalty"]);
  });

  it("ladder: one figure for each class", async () => {
    const section = await ladder(quick("--sizes", "12", "--limit", "60"), runHere);
    const [row] = cells(section.lines);
    expect(row!.slice(0, 2)).toEqual(["12 × 4", "tight"]);
    expect(row![4]).toBe("0 / 0 / 0");
    expect(row![2]!.split(" / ")).toHaveLength(3);
    expect(row![2]).not.toContain("–");
  });

  it("replan: a row for each rule and way", async () => {
    const section = await replan(quick("--sizes", "10", "--limit", "60"), runHere);
    const ways = ["cold", "warm", "session", "thread"];
    expect(cells(section.lines).map((row) => row.slice(0, 4))).toEqual([
      ...ways.map((way) => ["10 × 4", "penalty", "tight", way]),
      ...ways.map((way) => ["10 × 4", "max-min", "tight", way]),
    ]);
    expect(cells(section.lines).map((row) => row[5])).not.toContain("–");
    expect(section.lines.join()).not.toContain("Failed");
  });

  it("scenarios: how many needed a full solve, and the worst gap", async () => {
    const section = await scenarios(quick("--sizes", "60", "--rules", "penalty", "--limit", "60"), runHere);
    const [row] = cells(section.lines);
    expect(row!.slice(0, 4)).toEqual(["60 × 6", "penalty", "tight", "10"]);
    expect(row!.at(-1)).not.toBe("–");
    expect(section.lines.join()).not.toContain("Failed");
  });

  it("real: both objectives, beside the greedy", async () => {
    const section = await real(quick("--sizes", "8", "--engine", "heuristic"), runHere, {});
    expect(cells(section.lines).map((row) => row.slice(0, 2))).toEqual([
      ["8", "penalty"],
      ["8", "lexicographic"],
    ]);
    expect(section.lines.join()).not.toContain("Failed");
  });
});
