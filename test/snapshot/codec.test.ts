import { expect, test } from "vitest";
import { parseSnapshot } from "../../src/snapshot/codec.ts";
import { type Sample, sample, variant } from "./sample.ts";

const workload0 = (file: Sample) => file.workloads[0] as Record<string, unknown>;

test("a right file is read with its defaults filled in", () => {
  const result = parseSnapshot(sample());
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  const workload = result.value.workloads[0];
  expect(result.value.objective).toBe("lexicographic");
  expect(workload).toMatchObject({ weight: 1, shedPenalty: 0, minReplicas: 0 });
  expect(workload?.variants[0]).toMatchObject({ role: "both", nodesPerReplica: 1, minReplicas: 0, movable: false });
  expect(workload?.variants[0]?.profile).toMatchObject({ maxQueueSize: 0, maxNumTokens: 8192 });
  expect(result.value.inventory.pools[0]?.nodes?.[0]?.taints).toEqual([]);
});

test("a profile without a dialect is continuous, for any role", () => {
  const file = sample();
  const times = { baseMs: 20.58, perSequenceMs: 0.41, perPromptTokenMs: 0.1 };
  variant(file, 0).profile = { ...times, maxBatchSize: 64 };
  variant(file, 0).role = "prefill";
  Object.assign(variant(file, 1), { role: "decode" });
  const result = parseSnapshot(file);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  expect(result.value.workloads[0]?.variants[0]?.profile).toEqual({
    ...times,
    dialect: "continuous",
    perContextTokenMs: 0,
    maxBatchSize: 64,
    maxBatchedTokens: 8192,
    chunkedPrefill: true,
  });
});

test("negative zero is zero", () => {
  const file = sample();
  workload0(file).demandPerSecond = -0;
  const result = parseSnapshot(file);
  expect(result.ok && Object.is(result.value.workloads[0]?.demandPerSecond, 0)).toBe(true);
});

test.each<[string, (file: Sample) => unknown, string, RegExp]>([
  [
    "an unknown field",
    (f) => Object.assign(workload0(f), { demandPerSecnd: 1 }),
    "workloads[0].demandPerSecnd",
    /did you mean "demandPerSecond"/,
  ],
  [
    "an unknown field far from any",
    (f) => Object.assign(variant(f, 0), { zzzzzzzz: 1 }),
    "workloads[0].variants[0].zzzzzzzz",
    /^remove it$/,
  ],
  [
    "a missing demand",
    (f) => void delete workload0(f).demandPerSecond,
    "workloads[0].demandPerSecond",
    /requests per second/,
  ],
  [
    "NaN",
    (f) => Object.assign(workload0(f), { demandPerSecond: Number.NaN }),
    "workloads[0].demandPerSecond",
    /requests per second/,
  ],
  [
    "infinity",
    (f) => Object.assign(workload0(f), { weight: Number.POSITIVE_INFINITY }),
    "workloads[0].weight",
    /above 0/,
  ],
  [
    "1e308",
    (f) => Object.assign(workload0(f), { demandPerSecond: 1e308 }),
    "workloads[0].demandPerSecond",
    /requests per second/,
  ],
  [
    "a text for a number",
    (f) => Object.assign(workload0(f), { demandPerSecond: "3" }),
    "workloads[0].demandPerSecond",
    /requests/,
  ],
  ["weight 0", (f) => Object.assign(workload0(f), { weight: 0 }), "workloads[0].weight", /above 0/],
  [
    "half a device",
    (f) => Object.assign(variant(f, 0), { devicesPerReplica: 0.5 }),
    "workloads[0].variants[0].devicesPerReplica",
    /devices/,
  ],
  [
    "capacity 0",
    (f) => Object.assign(variant(f, 1), { capacityPerSecond: 0 }),
    "workloads[0].variants[1].capacityPerSecond",
    /profile/,
  ],
  [
    "a dialect that is not one",
    (f) => Object.assign(variant(f, 0), { profile: { dialect: "D4" } }),
    "workloads[0].variants[0].profile.dialect",
    /continuous .*D1, D2 or D3/,
  ],
  [
    "a profile of another dialect",
    (f) => Object.assign(variant(f, 0), { profile: { dialect: "D1", alphaMs: 1, maxBatchSize: 1 } }),
    "workloads[0].variants[0].profile.decodeAlphaMs",
    /measured time in ms/,
  ],
  ["a dangling pool", (f) => Object.assign(variant(f, 0), { pool: "a10" }), "workloads[0].variants[0].pool", /"a100"/],
  [
    "a dangling held variant",
    (f) => Object.assign(f.inventory.pools[0]?.nodes?.[0] ?? { holds: {} }, { holds: { "chat-b100": 1 } as never }),
    "inventory.pools[0].nodes[0].holds.chat-b100",
    /chat-a100/,
  ],
  [
    "a dangling cohort",
    (f) => Object.assign(f.quotas[0] ?? { cohort: "" }, { cohort: "reserch" }),
    "quotas[0].cohort",
    /"research"/,
  ],
  [
    "a circle of cohorts",
    (f) => void Object.assign(f.cohorts[1] ?? {}, { parent: "research" }),
    "cohorts[0].parent",
    /remove the parent/,
  ],
  [
    "a pool twice",
    (f) => void f.inventory.pools.push({ name: "t4", pricePerDeviceHour: 1, devices: 1 }),
    "inventory.pools[2].name",
    /rename/,
  ],
  [
    "a variant twice",
    (f) => Object.assign(variant(f, 1), { name: "chat-a100" }),
    "workloads[0].variants[1].name",
    /rename/,
  ],
  [
    "both nodes and devices",
    (f) => Object.assign(f.inventory.pools[0] ?? { devices: 0 }, { devices: 4 }),
    "inventory.pools[0]",
    /nodes/,
  ],
  [
    "both profile and capacity",
    (f) => Object.assign(variant(f, 0), { capacityPerSecond: 1 }),
    "workloads[0].variants[0]",
    /profile/,
  ],
  [
    "neither profile nor capacity",
    (f) => void delete variant(f, 1).capacityPerSecond,
    "workloads[0].variants[1]",
    /profile/,
  ],
  ["a profile without token mix", (f) => void delete workload0(f).tokenMix, "workloads[0].tokenMix", /inputTokens/],
  [
    "a profile of means of a prefill role",
    (f) => Object.assign(variant(f, 0), { role: "prefill" }),
    "workloads[0].variants[0].profile",
    /capacityPerSecond/,
  ],
  [
    "a continuous profile without its times",
    (f) => Object.assign(variant(f, 0), { profile: { maxBatchSize: 8, perSequenceMs: 0.4, perPromptTokenMs: 0.1 } }),
    "workloads[0].variants[0].profile.baseMs",
    /measured time in ms/,
  ],
  [
    "samples of nothing",
    (f) => Object.assign(workload0(f), { tokenMix: { inputTokens: 1, outputTokens: 1, samples: [] } }),
    "workloads[0].tokenMix.samples",
    /observed pairs/,
  ],
  [
    "an answer of no token among samples",
    (f) => Object.assign(workload0(f), { tokenMix: { inputTokens: 1, outputTokens: 1, samples: [[5, 0]] } }),
    "workloads[0].tokenMix.samples[0][1]",
    /observed pairs/,
  ],
  [
    "a percentile of 100 %",
    (f) => Object.assign(workload0(f), { slo: { ttftMs: 500, percentile: 1 } }),
    "workloads[0].slo.percentile",
    /0\.5 to 0\.99/,
  ],
  [
    "max below min",
    (f) => void Object.assign(variant(f, 0), { minReplicas: 3, maxReplicas: 2 }),
    "workloads[0].variants[0].maxReplicas",
    /minReplicas/,
  ],
  [
    "a group on a bag",
    (f) => Object.assign(variant(f, 1), { nodesPerReplica: 2 }),
    "workloads[0].variants[1].nodesPerReplica",
    /nodes/,
  ],
  ["no workloads", (f) => void f.workloads.splice(0), "workloads", /at least one/],
  [
    "a guarantee of no pool",
    (f) => void delete (f.quotas[0] as { pool?: string }).pool,
    "quotas[0].guaranteedDevices",
    /name the pool/,
  ],
  [
    "a maximum below the guarantee",
    (f) => Object.assign(f.quotas[0] ?? { maxDevices: 0 }, { maxDevices: 4 }),
    "quotas[0].maxDevices",
    /guarantee/,
  ],
  [
    "a control character in a name",
    (f) => Object.assign(workload0(f), { name: "a\u0000b" }),
    "workloads[0].name",
    /short unique name/,
  ],
])("%s is refused with path and fix", (_what, spoil, path, fix) => {
  const file = sample();
  spoil(file);
  const result = parseSnapshot(file);
  if (result.ok) throw new Error("accepted");
  const violation = result.violations.find((entry) => entry.path === path);
  expect(violation, JSON.stringify(result.violations)).toBeDefined();
  expect(violation?.fix).toMatch(fix);
  for (const entry of result.violations) expect(Object.values(entry).every((text) => text.length > 0)).toBe(true);
});

test("all that is wrong is said at once", () => {
  const file = sample();
  workload0(file).weight = -1;
  workload0(file).nmae = "x";
  variant(file, 0).devicesPerReplica = 0;
  variant(file, 1).costPerHour = Number.NaN;
  const result = parseSnapshot(file);
  const paths = result.ok ? [] : result.violations.map((violation) => violation.path);
  expect(paths.sort()).toEqual([
    "workloads[0].nmae",
    "workloads[0].variants[0].devicesPerReplica",
    "workloads[0].variants[1].costPerHour",
    "workloads[0].weight",
  ]);
});

test.each([[null], [undefined], ["text"], [[]], [{}], [42], [{ kind: "PlacementProblem" }]])(
  "%j is refused, not crashed on",
  (value) => {
    const result = parseSnapshot(value);
    expect(!result.ok && result.violations.length > 0).toBe(true);
  },
);

test("a name of ten million characters is refused in a short sentence", () => {
  const file = sample();
  variant(file, 0).pool = "x".repeat(10_000_000);
  workload0(file)["y".repeat(10_000_000)] = 1;
  const result = parseSnapshot(file);
  if (result.ok) throw new Error("accepted");
  expect(JSON.stringify(result.violations).length).toBeLessThan(3000);
});

test("__proto__ as a field or as a held variant changes nothing but the answer", () => {
  const file = JSON.parse(
    JSON.stringify(sample()).replace('"kind":"Snapshot"', '"kind":"Snapshot","__proto__":{"x":1}'),
  );
  expect(parseSnapshot(file).ok).toBe(false);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
