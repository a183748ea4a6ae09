import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { peers } from "../../bench/commands/peers.ts";
import { penaltyFleet, problemOf } from "../../bench/fleets/instance.ts";
import { BEST_EFFORTS, greedy } from "../../bench/peers/greedy.ts";
import { greedyOutcome } from "../../bench/peers/greedy-outcome.ts";
import { highsNative } from "../../bench/peers/highs-native.ts";
import { highsWasm } from "../../bench/peers/highs-wasm.ts";
import { Nodes } from "../../bench/peers/nodes.ts";
import { countsOf, penaltyOf } from "../../bench/quality.ts";
import { solve } from "../../src/index.ts";
import { bag, node, problem, shaped, variant, workload } from "../support/build.ts";
import { cells, quick, runHere } from "./support.ts";

/** Two replicas on `a` for 1 each, or one on `b` for 3 (important) or 9 (not). */
const two = (name: string, priority: number) => {
  const a = variant(`${name}-a`, "a", 1, 5, { costPerHour: 1 });
  const b = variant(`${name}-b`, "b", 1, 10, { costPerHour: priority === 0 ? 3 : 9 });
  return workload(name, 10, [a, b], { priority });
};

describe("the predecessors' greedy", () => {
  it("serves the more important class first, whole, by one variant", () => {
    const world = problem({ pools: [bag("a", 3), bag("b", 1)], workloads: [two("low", 20), two("high", 0)] });
    // `high` takes both devices of `a` that it needs; `low` needs two as well, finds one, and takes `b`
    expect(greedy(world, "none")).toEqual([
      [0, 1],
      [2, 0],
    ]);
  });

  it("inside a class, who loses most by its next candidate goes first", () => {
    const dear = { ...two("dear", 20), name: "dear" };
    const cheap = { ...two("cheap", 0), priority: 20 };
    const world = problem({ pools: [bag("a", 2), bag("b", 1)], workloads: [cheap, dear] });
    expect(greedy(world, "none")).toEqual([
      [0, 1],
      [2, 0],
    ]);
  });

  it("leaves the rest idle, or gives it by its policies", () => {
    const world = problem({ pools: [bag("a", 1), bag("b", 0)], workloads: [two("only", 0)] });
    expect(BEST_EFFORTS.map((policy) => greedy(world, policy)[0])).toEqual([
      [0, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it("keeps node shapes", () => {
    const nodes = new Nodes(shaped("p", node(8, 2), node(4), node(1, 3)));
    expect([nodes.room(8), nodes.room(4), nodes.room(2), nodes.room(1)]).toEqual([2, 5, 10, 23]);
    nodes.take(4, 2);
    expect([nodes.room(8), nodes.room(4), nodes.room(1)]).toEqual([1, 3, 15]);
    expect(() => nodes.take(8, 2)).toThrow(/do not fit/);
  });
});

describe("peers", () => {
  const instance = penaltyFleet(12, 0.7, 2);

  it("solve the same problem: the optimum is the same, and the greedy is not below it", async () => {
    const world = problemOf(instance);
    const plan = await solve(world, { timeLimitMs: 60_000 });
    expect(plan.status).toBe("optimal");
    expect(penaltyOf(world, countsOf(world, plan))).toBeCloseTo(plan.objective.primal, 6);
    const wasm = await highsWasm(world, 60_000);
    expect(wasm.plan).toBeCloseTo(plan.objective.primal, 4);
    expect(greedyOutcome(world).plan).toBeGreaterThanOrEqual(plan.objective.bound - 1e-6);
  });

  it("say what is missing where there is no Python", async () => {
    const why = "not measured: python3 is not installed";
    expect(await highsNative({ ok: false, why }, problemOf(instance), 1_000, 1)).toEqual({ ok: false, why });
  });

  it("stand in one table, HiGHS native with its reason where it cannot run", async () => {
    const scratch = mkdtempSync(join(tmpdir(), "apportion-peers-"));
    const path = process.env.PATH;
    const cache = process.env.XDG_CACHE_HOME;
    try {
      // a machine without Python, and nothing installed: tests fetch nothing
      process.env.PATH = "";
      process.env.XDG_CACHE_HOME = scratch;
      const section = await peers(quick("--sizes", "8", "--engine", "heuristic"), runHere, {});
      expect(
        cells(section.lines)
          .slice(0, 4)
          .map((row) => row[1]),
      ).toEqual(["this solver (heuristic)", "HiGHS native, 1 thread", "HiGHS native, 2 threads", "HiGHS WebAssembly"]);
      expect(section.lines.join("\n")).toContain("HiGHS native, 1 thread: not measured: python3 is not installed.");
    } finally {
      rmSync(scratch, { recursive: true, force: true });
      process.env.PATH = path;
      if (cache === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = cache;
    }
  });
});
