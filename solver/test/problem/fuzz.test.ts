import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePlan, parseProblem } from "../../src/index.ts";
import { type Input, soundInput } from "./inputs.ts";

const runs = { seed: 20_261_123, numRuns: 1_000 };

const nastyNumber = fc.constantFrom(
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, -1, 0.5, 5e-324, 1e-9],
  ...[1e12, 1e308, Number.MAX_SAFE_INTEGER + 1],
);
const nastyText = fc.constantFrom(
  "",
  "__proto__",
  "constructor",
  "h100",
  "chat-h100",
  "\ud800",
  "a\u0000b",
  "*",
  "a/b",
  "x".repeat(9999),
);
const nastyValue = fc.oneof(
  fc.constantFrom(null, undefined, true, [], {}, [null], [[]]),
  nastyNumber,
  nastyText,
  fc.jsonValue(),
);

/** Paths to every place inside a document. */
function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [path, ...[...keys].flatMap((key) => placesIn((value as Input)[key], [...path, key]))];
}

function replaceAt(root: Input, path: (string | number)[], value: unknown): Input {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = path.slice(0, -1).reduce((at, key) => at?.[key], root);
  // An earlier replacement may have removed the place.
  if (typeof parent === "object" && parent !== null) parent[last] = value;
  return root;
}

const places = placesIn(soundInput());
const broken = fc
  .array(fc.tuple(fc.constantFrom(...places), nastyValue), { minLength: 1, maxLength: 4 })
  .map((changes) => changes.reduce((root: Input, [path, value]) => replaceAt(root, path, value), soundInput()));

/** A problem, or violations that each say all four things in printable lines. */
function expectAnswer(input: unknown): void {
  const result = parseProblem(input);
  if (result.ok) {
    expect(parseProblem(structuredClone(result.problem))).toStrictEqual(result);
    expect(JSON.parse(JSON.stringify(result.problem))).toStrictEqual(result.problem);
    return;
  }
  expect(result.violations.length).toBeGreaterThan(0);
  for (const { path, value, rule, fix } of result.violations) {
    for (const text of [path, value, rule, fix]) expect(text).toMatch(/^\P{Cc}+$/u);
    expect(value.length).toBeLessThanOrEqual(80);
  }
}

describe("any input", () => {
  it("gives a problem or violations", () => {
    fc.assert(fc.property(fc.jsonValue(), expectAnswer), runs);
    fc.assert(fc.property(fc.anything(), expectAnswer), runs);
  });

  it("that is nearly sound gives a problem or violations", () => {
    fc.assert(fc.property(broken, expectAnswer), runs);
  });

  it("gives a plan or violations", () => {
    const answers = fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (input) => {
      const result = parsePlan(input);
      expect(result.ok || result.violations.length > 0).toBe(true);
    });
    fc.assert(answers, runs);
  });

  it("may refer to itself", () => {
    const input = soundInput();
    input.pools.push(input);
    input.loop = input;
    expectAnswer(input);
  });

  it("may be wrong in very many places", () => {
    const workloads = Array.from({ length: 20_000 }, (_, w) => ({
      name: `w${w}`,
      demandPerSecond: 1,
      variants: [
        { name: `v${w}`, pool: `pool-${w}`, devicesPerReplica: 1, capacityPerSecond: 1, costPerHuor: 1, startCost: -1 },
      ],
    }));
    const pools = Array.from({ length: 5_000 }, (_, p) => ({ name: `poll-${p}`, devices: 8 }));
    const result = parseProblem({ ...soundInput(), pools, workloads, quotas: [], cohorts: [] });
    expect(result).toHaveProperty("violations.length", 60_000);
  });

  it("may be too long", () => {
    const pools = Array.from({ length: 5_001 }, (_, p) => ({ name: `p${p}`, devices: 8 }));
    const result = parseProblem({ ...soundInput(), pools, quotas: [], cohorts: [] });
    expect(result).toMatchObject({
      violations: [{ path: "pools", value: "a list of 5001", rule: "a list of 1 to 5000" }],
    });
  });
});
