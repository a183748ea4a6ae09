import { type ChainContext, relativeGap } from "./context.ts";
import type { KeptRung } from "./keep.ts";
import { costOf } from "./keep-check.ts";
import { noteProof, proofOf, restated, rungName } from "./proofs.ts";
import { type RungCounts, rungCounts } from "./rung-counts.ts";
import { softPlans } from "./soft-rungs.ts";
import { sparesOthers } from "./spare-classes.ts";
import { runStage, type StageResult } from "./stage.ts";
import type { StageSpec } from "./stage-spec.ts";

/** Gap of cost that is near enough where rungs bind. */
const NEAR = 5e-4;
/** Plans that are made at most: as many as time allows, nearly. */
const ROUNDS = 60;

/** Cost by prices alone where somebody misses a rung: the bound first, then plans with the rungs at their prices. */
export async function pricedCost(context: ChainContext, spec: StageSpec): Promise<StageResult> {
  const { instance, goals, keep } = context;
  const result = await runStage(context, { ...spec, starts: 0 });
  const entry = context.certificate.at(-1)!;
  if (!entry.prices) return result;
  const proof = proofOf(instance, entry.bound, entry.prices, keep.rungs);
  noteProof(entry, proof);
  const open = (x: Float64Array, counts: RungCounts) => costOf(instance, x) - restated(instance, goals, proof, counts);
  const most = NEAR * Math.max(1e-9, entry.bound);
  const byName = new Map(keep.rungs.map((r) => [rungName(instance, r.cls, r.rung), r]));
  const prices = new Map<KeptRung, number>();
  for (const { row, price } of entry.prices) if (byName.has(row)) prices.set(byName.get(row)!, price);
  softPlans(context, {
    goal: { cost: 1 },
    aims: [{ share: 1, prices, open: () => 0 }],
    guarded: keep.rungs,
    near: most / 4,
    share: 1,
    rounds: ROUNDS,
    score: (x, counts) =>
      sparesOthers(context, instance.classes.length, counts) ? open(x, counts) / most : Number.NaN,
  });
  entry.reached = costOf(instance, context.x);
  const proved = restated(instance, goals, proof, rungCounts(context, context.x));
  entry.bound = Math.min(entry.reached, Math.max(spec.trivialBound, proved));
  return { reached: entry.reached, bound: entry.bound, proved: relativeGap(entry.reached, entry.bound) <= context.gap };
}
