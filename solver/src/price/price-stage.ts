import type { ChainContext } from "../chain/context.ts";
import { fits } from "../heuristic/usage.ts";
import { Dual } from "./dual.ts";
import { Placement, polish, recover } from "./recover.ts";
import { canPrice, type StageGoal, stageModel } from "./stage-model.ts";

export interface PricedStage {
  /** Proved lower bound of what the stage minimises. */
  bound: number;
  prices: { row: string; price: number }[];
  /** Plans that fit, best first by the stage's own objective. */
  plans: Float64Array[];
}

/**
 * A stage by prices: the Lagrangian dual as bound, plans recovered from its prices. undefined where the instance has workloads that
 * prices cannot cover. `enough(bound)`: the bound needs to be no better.
 */
export function priceStage(
  context: ChainContext,
  goal: StageGoal,
  enough: (bound: number) => boolean,
): PricedStage | undefined {
  const { instance, goals, keep } = context;
  if (!canPrice(instance)) return undefined;
  const model = stageModel(instance, goals, keep, goal);
  const dual = new Dual(model, startPrices(context, model.keys), [context.x]);
  const out = () => context.remainingMs() <= 0 || context.signal?.aborted === true;
  const result = dual.run((bound) => enough(bound) || out());
  if (result.infeasible || !Number.isFinite(result.bound)) return undefined;
  const prices: PricedStage["prices"] = [];
  model.keys.forEach((row, r) => {
    context.rowPrices.set(row, result.prices[r]!);
    if (result.prices[r]! > 0) prices.push({ row, price: result.prices[r]! });
  });
  const plans: Float64Array[] = [];
  if (!out()) {
    const found = [result.lastPrices, result.prices].map((p) => recover(model, result.columns, p, dual.units));
    const mine = new Placement(
      model,
      instance.workloads.map((w, m) =>
        dual.pricing.columnOf(
          m,
          Float64Array.from(w.variants, (v) => context.x[v]!),
        ),
      ),
    );
    if (mine.feasible()) found.push(mine);
    const fitting = found.filter((p): p is Placement => p !== undefined);
    fitting.sort((a, b) => a.objective - b.objective);
    if (fitting[0]) polish(model, dual.pricing, fitting[0], result.columns, result.prices, out);
    for (const p of fitting) {
      const x = p.counts();
      if (fits(instance, x)) plans.push(x);
    }
  }
  return { bound: result.bound, prices, plans };
}

/** Prices of rows that earlier stages of the same solve have found: stages change little. */
function startPrices(context: ChainContext, keys: string[]): Float64Array {
  return Float64Array.from(keys, (key) => context.rowPrices.get(key) ?? 0);
}
