import { fits } from "../heuristic/usage.ts";
import type { MilpBuilder, SparseStart } from "../milp/model.ts";
import type { Component } from "../model/components.ts";
import { type ChainContext, relativeGap, searchMs } from "./context.ts";
import { Formulation } from "./formulation.ts";
import type { Keep } from "./keep.ts";
import { keeps } from "./keep-check.ts";
import { isProvedSoFar, keepOfPart, partsOf } from "./parts.ts";
import { PatternMilp, usesPatterns } from "./pattern-milp.ts";
import type { StageSpec } from "./stage-spec.ts";

/** Share of the time left to its phase that one stage may take, so that the stages after it run too. */
const STAGE_SHARE = 0.3;
/** Tolerance of a second search, where the usual one let a solution pass that is not whole. */
const SHARP_TOLERANCE = 1e-9;
/** Less time than this is not worth a search. */
const LEAST_SEARCH_MS = 5;
/** Independent parts that are searched at once, each by a thread of its own. */
const PARTS_AT_ONCE = 2;
/** A part is searched where its value differs by more than this from what is known to be its best. */
const PART_TOLERANCE = 1e-9;

export interface Searched {
  /** In the sense of the stage; the worst possible where nothing was proved. */
  bound: number;
  /** A plan that fits, where one was found. */
  x?: Float64Array;
}

/** What a search needs of a MILP of the placement. */
interface StageMilp {
  builder: MilpBuilder;
  startFrom(x: Float64Array): SparseStart;
  read(values: Float64Array): Float64Array;
}

/** The stage as a MILP: a choice of patterns where these say all of it, else replica counts. `only`: workloads of one part. */
function milpOf(context: ChainContext, spec: StageSpec, keep: Keep, only?: ReadonlySet<number>) {
  const { instance, goals, tangents } = context;
  const rungs = spec.extraRungs ?? [];
  if (spec.patterns && usesPatterns(context)) {
    const f = new PatternMilp(instance, goals, keep, rungs, only);
    return { f: f as StageMilp, ...spec.patterns(f) };
  }
  const f = new Formulation(instance, goals, keep, rungs, tangents, true, only);
  return { f: f as StageMilp, ...spec.objective(f) };
}

interface MilpSearch {
  timeLimitMs: number;
  keep: Keep;
  only?: ReadonlySet<number>;
  onProgress?: (incumbent: number, bound: number) => void;
}

/** Searches one MILP. `bound` and the plan's counts, of `only` where that is given; a bound is NaN where nothing was proved. */
async function searchMilp(context: ChainContext, spec: StageSpec, limits: MilpSearch) {
  const { f, offset, factor } = milpOf(context, spec, limits.keep, limits.only);
  const { milp } = f.builder;
  milp.maximise = spec.sense === "max" ? factor > 0 : factor < 0;
  milp.offset = offset / factor;
  const solve = (tolerance?: number) =>
    context.backend.solve(milp, {
      timeLimitMs: limits.timeLimitMs,
      gap: context.gap / 2,
      nodeLimit: spec.nodeLimit,
      tolerance,
      signal: context.signal,
      start: f.startFrom(context.x),
      onProgress: (incumbent, bound) => limits.onProgress?.(factor * incumbent, factor * bound),
    });
  let answer = await solve();
  // done, but with a solution a hair off whole numbers, whose value the bound then falls short of by a whole step, or which does not
  // hold once it is whole
  const isOff =
    relativeGap(answer.objective, answer.bound) > Math.max(1e-6, context.gap) ||
    (answer.values !== undefined && limits.only === undefined && !stands(context, f, f.read(answer.values)));
  // the plan in hand fits: an engine that sees no solution has lost it between its tolerances
  if (answer.status === "infeasible" || (answer.status === "optimal" && isOff)) {
    const sharp = await solve(SHARP_TOLERANCE);
    if (sharp.status === "optimal") answer = sharp;
  }
  if (answer.status === "stopped") context.stoppedAt ??= spec.name;
  // the plan in hand fits: an engine that sees no solution is wrong, and proves nothing
  const value = answer.status === "infeasible" ? Number.NaN : factor * answer.bound;
  const bound = Number.isFinite(value) ? (spec.sharpen?.(value) ?? value) : Number.NaN;
  return { bound, f, x: answer.values && f.read(answer.values) };
}

/** True where a solution fits and keeps what was reached before. */
function stands(context: ChainContext, f: StageMilp, x: Float64Array): boolean {
  return holds(context, f, x) && keeps(context.instance, context.goals, context.keep, x);
}

/** True where the counts of a solution fit. */
function holds(context: ChainContext, f: StageMilp, x: Float64Array): boolean {
  // the greedy packer may fail where the packing that the MILP holds shows that the counts fit
  const isSure = f instanceof Formulation && f.exactPacking;
  return isSure ? f.rowsHold(x) : fits(context.instance, x);
}

/** True where the problem, or each of its independent parts, is small enough for the engine. */
export function isSearchable(context: ChainContext): boolean {
  const limit = context.backend.columnLimit ?? Number.POSITIVE_INFINITY;
  return context.instance.variants.length <= limit || partsOf(context)?.every((p) => p.variants <= limit) === true;
}

/** Bound and plan from a search by the engine, part by part where the problem falls apart. `known`: the bound so far. */
export async function search(context: ChainContext, spec: StageSpec, sign: number, known: number): Promise<Searched> {
  const { instance, backend } = context;
  const limit = backend.columnLimit ?? Number.POSITIVE_INFINITY;
  const nothing = { bound: -sign * Number.POSITIVE_INFINITY };
  if (searchMs(context) < LEAST_SEARCH_MS) {
    context.stoppedAt ??= spec.name;
    return nothing;
  }
  const isWhole = instance.variants.length <= limit;
  const parts = spec.partValue && partsOf(context);
  const useParts = parts?.every((p) => p.variants <= limit) && (!isWhole || isProvedSoFar(context));
  if (!isWhole && !useParts) {
    context.stoppedAt ??= spec.name;
    return nothing;
  }
  if (parts && useParts) return searchParts(context, spec, parts, sign);
  const { bound, f, x } = await searchMilp(context, spec, {
    timeLimitMs: searchMs(context) * (spec.share ?? STAGE_SHARE),
    keep: context.keep,
    onProgress: (incumbent, proved) => {
      if (spec.quiet) return;
      const best = sign * proved > sign * known ? proved : known;
      context.progress({ stage: spec.name, incumbent, bound: best });
    },
  });
  const proved = Number.isNaN(bound) ? nothing.bound : bound;
  if (!x) return { bound: proved };
  context.lastSolution = x;
  return holds(context, f, x) ? { bound: proved, x } : { bound: proved };
}

/**
 * Every part as a MILP of its own. The stage's value is the sum of theirs, and so is its bound, if all stages before are proved; else
 * the parts only give plans.
 */
async function searchParts(
  context: ChainContext,
  spec: StageSpec,
  parts: readonly Component[],
  sign: number,
): Promise<Searched> {
  const { instance } = context;
  const proves = isProvedSoFar(context);
  const x = Float64Array.from(context.x);
  const until = searchMs(context) * (1 - (spec.share ?? STAGE_SHARE));
  const bounds = parts.map(() => Number.NaN);
  let next = 0;
  const work = async () => {
    while (next < parts.length) {
      const k = next++;
      const { workloads } = parts[k]!;
      const reached = spec.partValue!(context.x, workloads);
      if (Math.abs(reached - (spec.partBound?.(context.x, workloads) ?? Number.NaN)) <= PART_TOLERANCE) {
        bounds[k] = reached;
        continue;
      }
      const left = Math.ceil((parts.length - k) / PARTS_AT_ONCE);
      const only = new Set(workloads);
      const found = await searchMilp(context, spec, {
        timeLimitMs: (searchMs(context) - until) / left,
        keep: keepOfPart(context, only),
        only,
      });
      bounds[k] = found.bound;
      if (!found.x || !(sign * spec.partValue!(found.x, workloads) < sign * reached)) continue;
      if (!holds(context, found.f, found.x)) continue;
      for (const m of workloads) for (const v of instance.workloads[m]!.variants) x[v] = found.x[v]!;
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
  const bound = bounds.reduce((sum, b) => sum + b, 0);
  return { bound: proves && !Number.isNaN(bound) ? bound : -sign * Number.POSITIVE_INFINITY, x };
}
