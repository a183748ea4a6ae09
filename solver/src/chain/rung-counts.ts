import { attainments } from "../model/attainment.ts";
import { weightBelow } from "../model/goals.ts";
import type { CertificateEntry } from "../plan/types.ts";
import type { ChainContext } from "./context.ts";
import { proofBehind, restated, rungName } from "./proofs.ts";

export type RungCounts = (r: { cls: number; rung: number }) => number;

/** F of the rungs in a plan, each counted when it is asked for. */
export function rungCounts({ instance, goals }: ChainContext, x: Float64Array): RungCounts {
  const a = attainments(instance, x);
  const known = new Map<string, number>();
  return ({ cls, rung }) => {
    const name = rungName(instance, cls, rung);
    const count = known.get(name) ?? weightBelow(goals, instance.classes[cls]!, a, rung);
    known.set(name, count);
    return count;
  };
}

/** The smallest F that is possible above a proved bound: a sum of weights of the class. Exact for equal weights, else the bound. */
export function nextWeightSum({ instance, goals }: ChainContext, cls: number, bound: number): number {
  const weights = new Set(instance.classes[cls]!.members.map((m) => goals.weight[m]!).filter((w) => w > 0));
  const integral = [...weights].every((w) => Math.abs(w - Math.round(w)) < 1e-9);
  return integral ? Math.ceil(bound - 1e-6) : bound;
}

/** What is proved of a rung, and whether its own prices show it: else the rung before does, since F never falls. */
export interface RungBound {
  bound: number;
  isOwn: boolean;
}

/** What is proved of some rungs of a class, lowest first, where the rungs before have other values. */
export function boundsAt(
  context: ChainContext,
  cls: number,
  rungs: readonly number[],
  counts: RungCounts,
  entries: ReadonlyMap<string, CertificateEntry>,
): RungBound[] {
  const { instance, goals } = context;
  let last = 0;
  return rungs.map((rung) => {
    const entry = entries.get(rungName(instance, cls, rung));
    const proof = entry && proofBehind(entry);
    const own = proof ? nextWeightSum(context, cls, restated(instance, goals, proof, counts)) : 0;
    const isOwn = own > last + 1e-6;
    last = Math.min(Math.max(last, own), counts({ cls, rung }));
    return { bound: last, isOwn };
  });
}

type Entries = readonly CertificateEntry[];

/** Weight that each rung of a class leaves open in a plan, lowest first. */
function opensOf(context: ChainContext, cls: number, counts: RungCounts, entries: Entries) {
  const rungs = context.keep.rungs.filter((r) => r.cls === cls).map((r) => r.rung);
  const bounds = boundsAt(context, cls, rungs, counts, new Map(entries.map((e) => [e.stage, e])));
  return rungs.map((rung, i) => ({ rung, open: counts({ cls, rung }) - bounds[i]!.bound }));
}

/** Weight that the worst rung of a class leaves open in a plan. */
export function worstOpen(
  context: ChainContext,
  cls: number,
  counts: RungCounts,
  entries: Entries = context.certificate,
): number {
  return opensOf(context, cls, counts, entries).reduce((worst, { open }) => Math.max(worst, open), 0);
}

/** Weight that one rung of a class leaves open in a plan. */
export function openAt(context: ChainContext, cls: number, rung: number, counts: RungCounts, entries: Entries): number {
  return opensOf(context, cls, counts, entries).find((o) => o.rung === rung)?.open ?? 0;
}
