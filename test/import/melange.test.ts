import { expect, test } from "vitest";
import { importMelange } from "../../src/import/melange/import.ts";
import { MELANGE_FIXTURES, melangeInput } from "./melange-fixture.ts";

function imported(value: unknown) {
  const result = importMelange(value);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.value;
}

test("there are 9 files", () => {
  expect(MELANGE_FIXTURES).toHaveLength(9);
});

test.each(MELANGE_FIXTURES.map((fixture) => [fixture.name, fixture] as const))(
  "%s: every bucket with demand is a request type, every GPU a variant on its own pool",
  (_name, fixture) => {
    const { problem, notes } = imported(fixture);
    const workload = problem.workloads[0];
    const cells = fixture.input.workload_distribution.flat().filter((share) => share > 0);
    expect(workload?.requestTypes).toHaveLength(cells.length);
    expect(workload?.demandPerSecond).toBeCloseTo(fixture.input.total_request_rate, 9);
    const used = Object.entries(fixture.input.gpu_info).filter(([, gpu]) =>
      gpu.tputs.flat().some((rate) => rate > 0.0001),
    );
    expect(workload?.variants.map((variant) => [variant.pool, variant.costPerHour])).toEqual(
      used.map(([name, gpu]) => [name, gpu.cost]),
    );
    const allServed = Object.values(fixture.input.gpu_info).every((gpu) => Math.min(...gpu.tputs.flat()) > 0.0001);
    expect(notes.length > 0).toBe(!allServed);
  },
);

test("the bag of a GPU without stock holds every plan that Mélange and HiGHS found", () => {
  for (const fixture of MELANGE_FIXTURES) {
    const { problem } = imported(fixture);
    for (const pool of problem.pools) {
      expect(pool.devices).toBeGreaterThanOrEqual(fixture.melange.solution[pool.name] ?? 0);
      expect(pool.devices).toBeGreaterThanOrEqual(fixture.highs_continuous_split.gpus[pool.name] ?? 0);
    }
  }
});

test("buckets without demand are dropped", () => {
  const input = melangeInput("example");
  input.workload_distribution = [
    [0.5, 0],
    [0.5, 0],
  ];
  const workload = imported(input).problem.workloads[0];
  expect(workload?.requestTypes).toEqual([
    { name: "in0-out0", demandPerSecond: 15 },
    { name: "in1-out0", demandPerSecond: 15 },
  ]);
  expect(workload?.variants[0]?.capacityByType).toEqual({ "in0-out0": 2, "in1-out0": 5 });
});

test.each(["stock", "max"] as const)("%s limits a GPU", (field) => {
  const input = melangeInput("example");
  input.gpu_info.A10G = {
    cost: 1.01,
    tputs: [
      [2, 1],
      [5, 2],
    ],
    [field]: 3,
  };
  expect(imported(input).problem.pools.find((pool) => pool.name === "A10G")?.devices).toBe(3);
});

test("a GPU that serves nothing that is asked for is left out, with a note", () => {
  const input = melangeInput("example");
  input.gpu_info.T4 = {
    cost: 0.35,
    tputs: [
      [0, 0],
      [0, 0],
    ],
  };
  const { problem, notes } = imported(input);
  expect(problem.pools.map((pool) => pool.name)).toEqual(["A10G", "A100-80GB"]);
  expect(notes).toEqual(["T4 is left out: it serves none of the sizes that are asked for"]);
});

test("a throughput of 0.0001, Mélange's word for a missed latency target, is not served", () => {
  const input = melangeInput("example");
  input.gpu_info.A10G = {
    cost: 1.01,
    tputs: [
      [2, 0.0001],
      [5, 2],
    ],
  };
  const { problem, notes } = imported(input);
  expect(Object.keys(problem.workloads[0]?.variants[0]?.capacityByType ?? {})).not.toContain("in0-out1");
  expect(notes).toEqual([
    "A10G is not used for 1 of the 4 sizes that are asked for: its throughput there is 0.0001 or less",
  ]);
});

test("GPUs as a list, as Mélange's README has them, mean the same", () => {
  const input = melangeInput("example");
  const listed = { ...input, gpu_info: Object.entries(input.gpu_info).map(([name, gpu]) => ({ name, ...gpu })) };
  expect(imported(listed)).toEqual(imported(input));
});

test.each<[string, (input: Record<string, unknown>) => unknown, string]>([
  ["a missing rate", (i) => void delete i.total_request_rate, "total_request_rate"],
  ["a rate of 0", (i) => Object.assign(i, { total_request_rate: 0 }), "total_request_rate"],
  [
    "NaN in the distribution",
    (i) =>
      Object.assign(i, {
        workload_distribution: [
          [Number.NaN, 1],
          [0, 0],
        ],
      }),
    "workload_distribution[0][0]",
  ],
  [
    "a distribution of other shape",
    (i) => Object.assign(i, { workload_distribution: [[1, 0]] }),
    "gpu_info.A10G.tputs",
  ],
  ["ragged rows", (i) => Object.assign(i, { workload_distribution: [[1, 0], [0]] }), "workload_distribution"],
  [
    "no demand at all",
    (i) =>
      Object.assign(i, {
        workload_distribution: [
          [0, 0],
          [0, 0],
        ],
      }),
    "workload_distribution",
  ],
  ["no GPU", (i) => Object.assign(i, { gpu_info: {} }), "gpu_info"],
  ["a GPU without throughputs", (i) => Object.assign(i, { gpu_info: { L4: { cost: 1 } } }), "gpu_info.L4.tputs"],
  [
    "a negative stock",
    (i) =>
      Object.assign(i, {
        gpu_info: {
          L4: {
            cost: 1,
            tputs: [
              [1, 1],
              [1, 1],
            ],
            stock: -1,
          },
        },
      }),
    "gpu_info.L4.stock",
  ],
  [
    "a bucket that no GPU serves",
    (i) =>
      Object.assign(i, {
        gpu_info: {
          L4: {
            cost: 1,
            tputs: [
              [1, 1],
              [1, 0],
            ],
          },
        },
      }),
    "workload_distribution[1][1]",
  ],
  ["an unknown field", (i) => Object.assign(i, { slice_facter: 4 }), "slice_facter"],
])("%s is refused by path", (_what, spoil, path) => {
  const input = { ...melangeInput("example") } as Record<string, unknown>;
  spoil(input);
  const result = importMelange(input);
  if (result.ok) throw new Error("accepted");
  expect(result.violations.map((violation) => violation.path)).toContain(path);
});

test.each([[null], ["text"], [[]], [42], [{ input: null }]])("%j is refused, not crashed on", (value) => {
  expect(importMelange(value).ok).toBe(false);
});
