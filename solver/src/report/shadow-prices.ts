import type { ChainContext } from "../chain/context.ts";
import { Formulation } from "../chain/formulation.ts";
import type { Keep } from "../chain/keep.ts";
import type { MilpBackend } from "../milp/model.ts";
import { attainments } from "../model/attainment.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { RowPrice } from "./pools.ts";

/** Least time for one relaxation, when the solve itself has used up its own. */
const LEAST_MS = 100;

/** Relaxations of more variants than this would take longer than the solve. */
const RELAXED_VARIANTS = 1500;

/** Row duals of the linear relaxation in which everyone keeps at least the plan's attainment. */
async function relaxation(
  instance: Instance,
  goals: Goals,
  x: Float64Array,
  backend: MilpBackend,
  timeLimitMs: number,
  aim: (f: Formulation, a: Float64Array) => void,
): Promise<Float64Array | undefined> {
  const keep: Keep = { minReplicas: new Float64Array(x.length), rungs: [], totals: [], logs: [] };
  const f = new Formulation(instance, goals, keep, [], new Map(), false);
  const a = attainments(instance, x);
  // the first rows after those of the served terms are the capacity rows, in their order
  const first = f.firstCapacityRow;
  instance.workloads.forEach((w, m) => {
    if (w.kind !== "idle" && a[m]! > 0) f.builder.row(a[m]! - 1e-9, Number.POSITIVE_INFINITY, f.served[m]!);
  });
  aim(f, a);
  f.builder.milp.integer.fill(false);
  const answer = await backend.solve(f.builder.milp, { timeLimitMs, gap: 0 });
  return answer.rowDuals?.slice(first, first + instance.rows.length);
}

/**
 * Shadow price of each capacity row: attainment that one more unit would add to the short workloads of the most important class
 * that it helps; else the cost per hour that it would save. From linear relaxations around the plan: prices, not proofs.
 */
export async function shadowPrices(context: ChainContext, backend: MilpBackend): Promise<RowPrice[]> {
  const { instance, goals, x } = context;
  // no time for relaxations, or too large for them: the prices of the last stage that was priced
  if (context.signal?.aborted || instance.variants.length > RELAXED_VARIANTS)
    return instance.rows.map((r) => ({ price: context.prices?.rowPrices.get(r.key) ?? 0, unit: "costPerHour" }));
  const limitMs = () => Math.max(LEAST_MS, context.remainingMs());
  const prices: RowPrice[] = instance.rows.map(() => ({ price: 0, unit: "costPerHour" }));
  const a = attainments(instance, x);
  for (const cls of instance.classes) {
    const short = cls.members.filter(
      (m) => a[m]! < Math.min(1, goals.cap[m]!) - 1e-7 && instance.workloads[m]!.kind !== "idle",
    );
    if (short.length === 0) continue;
    const duals = await relaxation(instance, goals, x, backend, limitMs(), (f) => {
      f.builder.milp.maximise = true;
      for (const m of short) f.builder.addCost(f.attainment(m), 1);
    });
    duals?.forEach((dual, r) => {
      const price = Math.abs(dual);
      if (price > 1e-9 && prices[r]!.unit === "costPerHour") prices[r] = { price, unit: "attainment" };
    });
  }
  const duals = await relaxation(instance, goals, x, backend, limitMs(), (f) => f.addObjective(f.costTerms()));
  duals?.forEach((dual, r) => {
    if (prices[r]!.unit === "costPerHour" && Math.abs(dual) > 1e-9)
      prices[r] = { price: Math.abs(dual), unit: "costPerHour" };
  });
  return prices;
}
