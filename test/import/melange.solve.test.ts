import { parseProblem, solve, verify } from "@apportion/solver";
import { expect, test } from "vitest";
import { importMelange } from "../../src/import/melange/import.ts";
import { MELANGE_FIXTURES, melangeInput } from "./melange-fixture.ts";

const TIME_LIMIT_MS = 20_000;

async function solved(value: unknown) {
  const imported = importMelange(value);
  if (!imported.ok) throw new Error(JSON.stringify(imported.violations));
  const parsed = parseProblem(imported.value.problem);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  const plan = await solve(parsed.problem, { timeLimitMs: TIME_LIMIT_MS });
  expect(verify(parsed.problem, plan).findings).toEqual([]);
  const replicas = Object.fromEntries(
    plan.workloads.flatMap((workload) =>
      workload.variants.map(
        (variant) => [variant.name.slice(variant.name.indexOf(":") + 1), variant.replicas] as const,
      ),
    ),
  );
  return { plan, replicas, attainment: plan.workloads[0]?.attainment ?? 0 };
}

test.each(MELANGE_FIXTURES.map((fixture) => [fixture.name, fixture] as const))(
  "%s: full service at the optimum of the split problem, never above Mélange's",
  async (_name, fixture) => {
    const { plan, attainment } = await solved(fixture);
    expect(attainment).toBeGreaterThanOrEqual(1 - 1e-7);
    expect(plan.objective.primal).toBeLessThanOrEqual(fixture.highs_same_slices.cost + 1e-6);
    expect(plan.objective.primal).toBeCloseTo(fixture.highs_continuous_split.cost, 6);
  },
  TIME_LIMIT_MS + 10_000,
);

test("a stock limit moves the load to another GPU at more cost", async () => {
  const input = melangeInput("example");
  for (const gpu of Object.values(input.gpu_info)) delete gpu.stock;
  const free = await solved(input);
  expect(free.replicas).toEqual({ A10G: 1, "A100-80GB": 1 });
  const a10g = input.gpu_info.A10G;
  if (a10g === undefined) throw new Error("no A10G");
  a10g.stock = 0;
  const limited = await solved(input);
  expect(limited.attainment).toBeGreaterThanOrEqual(1 - 1e-7);
  expect(limited.replicas).toEqual({ A10G: 0, "A100-80GB": 2 });
  expect(limited.plan.objective.primal).toBeCloseTo(7.34, 6);
});

test("too little stock of everything serves the mix in part, and keeps it", async () => {
  const input = melangeInput("example");
  for (const gpu of Object.values(input.gpu_info)) gpu.stock = 1;
  input.total_request_rate = 60;
  const { plan, attainment } = await solved(input);
  expect(attainment).toBeGreaterThan(0.3);
  expect(attainment).toBeLessThan(1);
  const served = new Map<string, number>();
  for (const variant of plan.workloads[0]?.variants ?? []) {
    for (const [type, rate] of Object.entries(variant.servedByType ?? {}))
      served.set(type, (served.get(type) ?? 0) + rate);
  }
  const demands = { "in0-out0": 12, "in0-out1": 6, "in1-out0": 30, "in1-out1": 12 };
  for (const [type, demand] of Object.entries(demands)) expect(served.get(type)).toBeCloseTo(attainment * demand, 5);
});
