import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type PlacementProblem, type Plan, solve } from "../../src/index.ts";

const { problem, previous } = JSON.parse(
  readFileSync(new URL("../fixtures/runaway-prices.json", import.meta.url), "utf8"),
) as { problem: PlacementProblem; previous: Plan };

// The stages of class 20 can hardly be kept: their prices ran to 1e10, where a dual value is only good to a few hundredths.
it.each(["auto", "price"] as const)("a round after one whose prices ran away passes its check: %s", async (engine) => {
  const cold = await solve(problem, { engine, timeLimitMs: 30_000 });
  const warm = await solve(problem, { engine, previous, timeLimitMs: 30_000 });
  expect(warm.classes.map(({ level }) => level)).toEqual(cold.classes.map(({ level }) => level));
  for (const { prices } of warm.certificate) for (const { price } of prices ?? []) expect(price).toBeLessThan(1e12);
});
