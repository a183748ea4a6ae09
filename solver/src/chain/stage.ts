import { fits } from "../heuristic/usage.ts";
import type { CertificateEntry } from "../plan/types.ts";
import { type ChainContext, relativeGap, searchMs } from "./context.ts";
import { certifyStage } from "./remeasure.ts";
import { search } from "./search.ts";
import type { StageSpec } from "./stage-spec.ts";

/** Starts of the recovery where a stage does not say. */
const DEFAULT_STARTS = 2;

export interface StageResult {
  reached: number;
  bound: number;
  proved: boolean;
}

type Certified = Pick<CertificateEntry, "method" | "prices"> & { bound: number };

/**
 * One stage: takes the plan in hand, asks prices and then the search for a better one, keeps the best in `context.x`, and says what is
 * proved. Where the plan in hand already meets a bound, nothing is searched.
 */
export async function runStage(context: ChainContext, spec: StageSpec): Promise<StageResult> {
  const sign = spec.sense === "min" ? 1 : -1;
  const tolerance = spec.tolerance ?? 1e-9;
  const isProved = (bound: number) => {
    const reached = spec.value(context.x);
    return sign * (reached - bound) <= tolerance || relativeGap(reached, bound) <= context.gap;
  };
  const better = (a: Certified, b: Certified) => (sign * b.bound > sign * a.bound ? b : a);
  let certified: Certified = { bound: spec.trivialBound, method: "trivial" };
  if (!isProved(certified.bound)) {
    if (context.remainingMs() <= 0 || context.signal?.aborted) context.stoppedAt ??= spec.name;
    else {
      if (!spec.quiet) context.progress({ stage: spec.name, incumbent: spec.value(context.x), bound: certified.bound });
      if (spec.goal && context.prices) certified = better(certified, priced(context, spec, sign, isProved));
      if (!isProved(certified.bound))
        certified = better(certified, await searched(context, spec, sign, certified.bound));
    }
  }
  const reached = spec.value(context.x);
  // a bound may come out a rounding error inside what a plan reaches
  const bound = sign * certified.bound > sign * reached ? reached : certified.bound;
  const proved = isProved(bound);
  const { method, prices } = certified;
  const entry = { stage: spec.name, method, sense: spec.sense, reached, bound, ...(prices ? { prices } : {}) };
  certifyStage(context, entry, spec.value);
  return { reached, bound, proved };
}

/** Share of the sum of priced capacities that rounding may take or give. */
const ROUNDING = 1e-13;

/** Rounding of a dual value: of no account, but where prices have run away (a stage that hardly any plan can keep). */
function roundingOf({ instance }: ChainContext, prices: readonly { row: string; price: number }[]): number {
  const capacities = new Map(instance.rows.map(({ key, capacity }) => [key, capacity]));
  return ROUNDING * prices.reduce((sum, { row, price }) => sum + Math.abs(price) * (capacities.get(row) ?? 1), 0);
}

/** Bound and plans from row prices. */
function priced(context: ChainContext, spec: StageSpec, sign: number, isProved: (bound: number) => boolean): Certified {
  const goal = spec.goal!;
  const toBound = (loss: number) => {
    const bound = goal.offset + sign * loss;
    return spec.sharpen ? spec.sharpen(bound) : bound;
  };
  const better = (a: number, b: number) => (sign * a > sign * b ? a : b);
  const tolerance = spec.tolerance ?? 1e-9;
  const until = searchMs(context) * (1 - (spec.priceShare ?? 1));
  const left = () => searchMs(context) - until;
  const answer = context.prices!.stage(context.keep, goal, context.x, {
    enough: (loss) => isProved(toBound(loss)),
    met: (loss, bound) => {
      const [reached, proved] = [goal.offset + sign * loss, better(toBound(bound), spec.trivialBound)];
      return sign * (reached - proved) <= tolerance || relativeGap(reached, proved) <= context.gap;
    },
    ...(spec.near === undefined
      ? {}
      : { near: (loss: number, bound: number) => toBound(bound) > tolerance && loss - bound <= spec.near! }),
    out: () => left() <= 0 || context.signal?.aborted === true,
    remainingMs: left,
    starts: spec.starts ?? DEFAULT_STARTS,
    ...(spec.brief ? { brief: true } : {}),
    progress: (loss, bound) => {
      if (!spec.quiet)
        context.progress({ stage: spec.name, incumbent: goal.offset + sign * loss, bound: toBound(bound) });
    },
  });
  if (!answer) return { bound: -sign * Number.POSITIVE_INFINITY, method: "dual" };
  for (const x of answer.plans) if (fits(context.instance, x)) take(context, spec, x, sign);
  // whoever adds the same terms up in another order comes to another value: so much is not claimed
  const sure = answer.bound - roundingOf(context, answer.prices);
  return { bound: toBound(sure), method: "dual", prices: answer.prices };
}

/** Bound and plan from a search by the engine. */
async function searched(context: ChainContext, spec: StageSpec, sign: number, known: number): Promise<Certified> {
  const { bound, x } = await search(context, spec, sign, known);
  if (x) take(context, spec, x, sign);
  return { bound, method: "search" };
}

/** Takes a plan that fits where it is better. */
function take(context: ChainContext, spec: StageSpec, x: Float64Array, sign: number): void {
  if (sign * spec.value(x) < sign * spec.value(context.x) - 1e-12) context.x = x;
}
