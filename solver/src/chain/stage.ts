import { fits } from "../heuristic/usage.ts";
import type { StageGoal } from "../lagrange/stage-model.ts";
import type { CertificateEntry } from "../plan/types.ts";
import { type ChainContext, relativeGap, searchMs } from "./context.ts";
import { Formulation } from "./formulation.ts";
import { certifyStage } from "./remeasure.ts";

/** Share of the time left to its phase that one stage may take, so that the stages after it run too. */
const STAGE_SHARE = 0.3;

/** Starts of the recovery where a stage does not say. */
const DEFAULT_STARTS = 2;

/** Less time than this is not worth a search. */
const LEAST_SEARCH_MS = 5;

export interface StageSpec {
  name: string;
  sense: "min" | "max";
  /** Value of a plan; NaN where it does not keep what the stage may not lose. */
  value(x: Float64Array): number;
  /** The same stage for prices: its value is offset + what `goal` minimises (offset − for max stages). */
  goal?: StageGoal & { offset: number };
  /** Share of the time left to its phase that prices may take; default all. */
  priceShare?: number;
  /** Starts of the recovery of plans from prices; default 2. */
  starts?: number;
  /** Adds the objective; returns the constant and factor that turn the MILP's objective into the stage's value. */
  objective(f: Formulation): { offset: number; factor: number };
  /** No plan passes this. */
  trivialBound: number;
  extraRungs?: { cls: number; rung: number }[];
  /** Sharpens a proved bound, for example to the next attainable value. */
  sharpen?(bound: number): number;
  /** Share of the time left to its phase that this stage may take; default 0.3. */
  share?: number;
  nodeLimit?: number;
  /** Not worth telling. */
  quiet?: boolean;
  /** Absolute difference that counts as proved. */
  tolerance?: number;
}

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

/** Bound and plans from row prices. */
function priced(context: ChainContext, spec: StageSpec, sign: number, isProved: (bound: number) => boolean): Certified {
  const goal = spec.goal!;
  const toBound = (loss: number) => {
    const bound = goal.offset + sign * loss;
    return spec.sharpen ? spec.sharpen(bound) : bound;
  };
  const tolerance = spec.tolerance ?? 1e-9;
  const until = searchMs(context) * (1 - (spec.priceShare ?? 1));
  const left = () => searchMs(context) - until;
  const answer = context.prices!.stage(context.keep, goal, context.x, {
    enough: (loss) => isProved(toBound(loss)),
    met: (loss, bound) => {
      const [reached, proved] = [goal.offset + sign * loss, toBound(bound)];
      return sign * (reached - proved) <= tolerance || relativeGap(reached, proved) <= context.gap;
    },
    out: () => left() <= 0 || context.signal?.aborted === true,
    remainingMs: left,
    starts: spec.starts ?? DEFAULT_STARTS,
    progress: (loss, bound) => {
      if (!spec.quiet)
        context.progress({ stage: spec.name, incumbent: goal.offset + sign * loss, bound: toBound(bound) });
    },
  });
  if (!answer) return { bound: -sign * Number.POSITIVE_INFINITY, method: "dual" };
  for (const x of answer.plans) if (fits(context.instance, x)) take(context, spec, x, sign);
  return { bound: toBound(answer.bound), method: "dual", prices: answer.prices };
}

/** Bound and plan from a search by the engine. */
async function searched(context: ChainContext, spec: StageSpec, sign: number, known: number): Promise<Certified> {
  const tooLarge = context.instance.variants.length > (context.backend.columnLimit ?? Number.POSITIVE_INFINITY);
  if (tooLarge || searchMs(context) < LEAST_SEARCH_MS) {
    context.stoppedAt ??= spec.name;
    return { bound: -sign * Number.POSITIVE_INFINITY, method: "search" };
  }
  const f = new Formulation(context.instance, context.goals, context.keep, spec.extraRungs ?? [], context.tangents);
  const { offset, factor } = spec.objective(f);
  f.builder.milp.maximise = spec.sense === "max" ? factor > 0 : factor < 0;
  f.builder.milp.offset = offset / factor;
  const toValue = (v: number) => factor * v;
  const answer = await context.backend.solve(f.builder.milp, {
    timeLimitMs: searchMs(context) * (spec.share ?? STAGE_SHARE),
    gap: context.gap / 2,
    nodeLimit: spec.nodeLimit,
    signal: context.signal,
    start: f.startFrom(context.x),
    onProgress: (incumbent, bound) => {
      if (spec.quiet) return;
      const best = sign * toValue(bound) > sign * known ? toValue(bound) : known;
      context.progress({ stage: spec.name, incumbent: toValue(incumbent), bound: best });
    },
  });
  if (answer.values) {
    const x = f.read(answer.values);
    context.lastSolution = x;
    if (f.exactPacking ? f.rowsHold(x) : fits(context.instance, x)) take(context, spec, x, sign);
  }
  if (answer.status === "stopped") context.stoppedAt ??= spec.name;
  // the plan in hand fits: an engine that sees no solution is wrong, and proves nothing
  const bound = answer.status === "infeasible" ? Number.NaN : toValue(answer.bound);
  if (!Number.isFinite(bound)) return { bound: -sign * Number.POSITIVE_INFINITY, method: "search" };
  return { bound: spec.sharpen ? spec.sharpen(bound) : bound, method: "search" };
}

/** Takes a plan that fits where it is better. */
function take(context: ChainContext, spec: StageSpec, x: Float64Array, sign: number): void {
  if (sign * spec.value(x) < sign * spec.value(context.x) - 1e-12) context.x = x;
}
