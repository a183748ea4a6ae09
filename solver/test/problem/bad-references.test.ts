import { describe, expect, it } from "vitest";
import { parseProblem } from "../../src/index.ts";
import { brokenInput, type Input } from "./inputs.ts";

type Case = [title: string, breakIt: (input: Input) => void, violations: [path: string, fix: RegExp][]];

/** Exactly these violations, in any order. */
function expectAll(breakIt: (input: Input) => void, expected: [path: string, fix: RegExp][]): void {
  const result = parseProblem(brokenInput(breakIt));
  const violations = result.ok ? [] : result.violations;
  expect(violations.map((violation) => violation.path).sort()).toEqual(expected.map(([path]) => path).sort());
  for (const [path, fix] of expected) {
    expect(violations.find((violation) => violation.path === path)?.fix).toMatch(fix);
  }
}

const V = "workloads[0].variants";
const variant = (input: Input, index = 0): Input => input.workloads[0].variants[index];
const mixed = (input: Input, index = 0): Input => input.workloads[1].variants[index];

describe("names", () => {
  it.each<Case>([
    ["two pools", (i) => i.pools.push({ name: "l40s", devices: 1 }), [["pools[2].name", /pools\[1\]\.name/]]],
    ["two cohorts", (i) => i.cohorts.push({ name: "all" }), [["cohorts[2].name", /cohorts\[0\]\.name/]]],
    [
      "two classes",
      (i) => i.classes.push({ priority: 10, rule: "max-min" }),
      [["classes[1].priority", /classes\[0\]/]],
    ],
    ["two workloads", (i) => (i.workloads[1].name = "chat"), [["workloads[1].name", /workloads\[0\]\.name/]]],
    [
      "two variants",
      (i) => (mixed(i).name = "chat-prefill"),
      [["workloads[1].variants[0].name", /variants\[2\]\.name/]],
    ],
    [
      "two request types",
      (i) => i.workloads[1].requestTypes.push({ name: "long", demandPerSecond: 1 }),
      [["workloads[1].requestTypes[2].name", /requestTypes\[1\]\.name/]],
    ],
    [
      "two quotas of a tenant on a pool",
      (i) => i.quotas.push({ tenant: "team-a", pool: "h100", maxDevices: 3 }),
      [["quotas[2]", /merge it into quotas\[0\]/]],
    ],
    ["two quotas of a tenant on all", (i) => i.quotas.push({ tenant: "team-a" }), [["quotas[2]", /quotas\[1\]/]]],
    [
      "rows of two quotas called the same",
      (i) => {
        i.pools.push({ name: "b/c", devices: 1 }, { name: "c", devices: 1 });
        i.quotas = [
          { tenant: "a", pool: "b/c" },
          { tenant: "a/b", pool: "c" },
        ];
      },
      [["quotas[1]", /rename what it shares with quotas\[0\]/]],
    ],
  ])("%s", (_, breakIt, violations) => expectAll(breakIt, violations));
});

describe("references", () => {
  it.each<Case>([
    ["pool of a variant", (i) => (variant(i, 2).pool = "l4Os"), [[`${V}[2].pool`, /did you mean "l40s"/]]],
    ["pool of one letter", (i) => (variant(i, 2).pool = "b"), [[`${V}[2].pool`, /^name one of the problem's pools$/]]],
    ["pool like none", (i) => (variant(i, 2).pool = "tpu"), [[`${V}[2].pool`, /^name one of the problem's pools$/]]],
    ["pool of a quota", (i) => (i.quotas[0].pool = "h10"), [["quotas[0].pool", /did you mean "h100"/]]],
    ["cohort of a quota", (i) => (i.quotas[0].cohort = "reserch"), [["quotas[0].cohort", /"research"/]]],
    ["pool of a cohort", (i) => (i.cohorts[1].pool = "H100x"), [["cohorts[1].pool", /"h100"/]]],
    ["parent of a cohort", (i) => (i.cohorts[1].parent = "nobody"), [["cohorts[1].parent", /cohorts/]]],
    ["no cohorts at all", (i) => (i.cohorts = []), [["quotas[0].cohort", /has no cohorts/]]],
    [
      "held variant",
      (i) => (i.pools[0].nodes[0].holds = { "chat-h10": 1 }),
      [['pools[0].nodes[0].holds["chat-h10"]', /did you mean "chat-h100"/]],
    ],
    [
      "held variant of another pool",
      (i) => {
        i.pools[0].nodes[0].holds = { "mixed-l40s": 1 };
        mixed(i).currentReplicas = 12;
      },
      [['pools[0].nodes[0].holds["mixed-l40s"]', /move the entry/]],
    ],
    [
      "request type",
      (i) => (mixed(i).capacityByType = { short: 1, log: 1 }),
      [["workloads[1].variants[0].capacityByType.log", /did you mean "long"/]],
    ],
  ])("%s", (_, breakIt, violations) => expectAll(breakIt, violations));

  it("to a name that was refused are not blamed as well", () => {
    expectAll((i) => (i.pools[1].name = ""), [["pools[1].name", /./]]);
    expectAll((i) => (i.cohorts[1].name = 3), [["cohorts[1].name", /./]]);
    expectAll((i) => (variant(i).name = null), [[`${V}[0].name`, /./]]);
  });
});

describe("cohorts in a cycle", () => {
  it.each<Case>([
    ["of one", (i) => (i.cohorts[0].parent = "all"), [["cohorts[0].parent", /remove one parent/]]],
    ["of two, once", (i) => (i.cohorts[0].parent = "research"), [["cohorts[0].parent", /remove one parent/]]],
  ])("%s", (_, breakIt, violations) => expectAll(breakIt, violations));

  it("that others hang on is named, without them", () => {
    const result = parseProblem(
      brokenInput((input) => {
        input.cohorts = [
          { name: "leaf", parent: "a" },
          { name: "a", parent: "b" },
          { name: "b", parent: "a" },
          { name: "research", parent: "leaf" },
        ];
      }),
    );
    expect(result).toMatchObject({ violations: [{ rule: 'cohorts form trees; this is a cycle: "a" → "b" → "a"' }] });
    expect(result).toHaveProperty("violations.length", 1);
  });

  it("is shown in one line, however long", () => {
    const cohorts = Array.from({ length: 9_000 }, (_, c) => ({ name: `c${c}`, parent: `c${(c + 1) % 9_000}` }));
    const result = parseProblem(brokenInput((input) => Object.assign(input, { cohorts, quotas: [] })));
    const rule = result.ok ? "" : (result.violations[0]?.rule ?? "");
    expect(rule).toMatch(/"c7" → 8992 more → "c0"$/);
  });
});

describe("what crosses fields", () => {
  it.each<Case>([
    ["min above max", (i) => (variant(i, 3).minReplicas = 6), [[`${V}[3].minReplicas`, /raise maxReplicas/]]],
    ["a pool of neither form", (i) => delete i.pools[1].devices, [["pools[1]", /node rows, or the number of devices/]]],
    ["a pool of both forms", (i) => (i.pools[1].nodes = []), [["pools[1].devices", /remove devices/]]],
    ["a group on a bag", (i) => (variant(i, 2).nodesPerReplica = 2), [[`${V}[2].nodesPerReplica`, /node rows/]]],
    ["prefill alone", (i) => i.workloads[0].variants.pop(), [[`${V}[2].role`, /add a decode variant/]]],
    ["decode alone", (i) => (variant(i, 2).role = "both"), [[`${V}[3].role`, /add a prefill variant/]]],
    ["a role with request types", (i) => (mixed(i).role = "decode"), [["workloads[1].variants[0].role", /role: both/]]],
    [
      "capacityByType without request types",
      (i) => (variant(i).capacityByType = { a: 1 }),
      [[`${V}[0].capacityByType`, /capacityPerSecond instead/]],
    ],
    [
      "capacityPerSecond with request types",
      (i) => (mixed(i).capacityPerSecond = 1),
      [["workloads[1].variants[0].capacityPerSecond", /capacityByType instead/]],
    ],
    [
      "no capacity with request types",
      (i) => delete mixed(i).capacityByType,
      [["workloads[1].variants[0].capacityByType", /request type/]],
    ],
    [
      "empty capacityByType",
      (i) => (mixed(i).capacityByType = {}),
      [["workloads[1].variants[0].capacityByType", /request type/]],
    ],
    [
      "empty request types",
      (i) => (i.workloads[1].requestTypes = []),
      [["workloads[1].requestTypes", /leave the field out/]],
    ],
    [
      "demand that is not the sum",
      (i) => (i.workloads[1].demandPerSecond = 2.6),
      [["workloads[1].demandPerSecond", /leave it out/]],
    ],
    [
      "a guarantee on all pools",
      (i) => (i.quotas[1].guaranteedDevices = 1),
      [["quotas[1].guaranteedDevices", /add the pool/]],
    ],
    [
      "more held than running",
      (i) => (i.pools[0].nodes[0].holds = { "chat-h100": 1 }),
      [[`${V}[0].currentReplicas`, /raise it, or hold fewer/]],
    ],
    [
      "more members held than groups have",
      (i) => (i.pools[0].nodes[2].count = 3),
      [[`${V}[1].currentReplicas`, /raise it, or hold fewer/]],
    ],
    [
      "more held than the node has",
      (i) => (i.pools[0].nodes[2].freeDevices = 5),
      [["pools[0].nodes[2].holds", /hold fewer/]],
    ],
    [
      "too many devices in all rows",
      (i) => Object.assign(i.pools[0].nodes[0], { count: 1e6, freeDevices: 100 }),
      [["pools[0].nodes", /split the pool/]],
    ],
    ["shared servers", (i) => (i.sharedServers = [{ name: "s" }]), [["sharedServers", /leave it out/]]],
  ])("%s", (_, breakIt, violations) => expectAll(breakIt, violations));
});

it("everything that is wrong is reported at once", () => {
  expectAll(
    (input) => {
      input.objective = "cheapest";
      input.pools[1].devices = -1;
      input.quotas[0].pool = "h200";
      input.cohorts[0].parent = "research";
      Object.assign(variant(input, 0), { costPerHour: Number.NaN, pool: "nowhere" });
      Object.assign(variant(input, 3), { minReplicas: 9, colour: "red" });
      input.workloads[1].requestTypes[0].demandPerSecond = "2";
      input.sharedServers = [1];
    },
    [
      ["objective", /./],
      ["pools[1].devices", /./],
      ["quotas[0].pool", /./],
      ["cohorts[0].parent", /./],
      [`${V}[0].costPerHour`, /./],
      [`${V}[0].pool`, /./],
      // The variant that the rows of h100 hold now claims another pool.
      ['pools[0].nodes[0].holds["chat-h100"]', /./],
      ['pools[0].nodes[2].holds["chat-h100"]', /./],
      [`${V}[3].minReplicas`, /./],
      [`${V}[3].colour`, /./],
      ["workloads[1].requestTypes[0].demandPerSecond", /./],
      ["sharedServers", /./],
    ],
  );
});
