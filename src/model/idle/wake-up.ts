import { amount, duration, isKnown } from "../serving/numbers.ts";
import { lateOfColdStart } from "./cold-starts.ts";
import type { IdleSlo, IdleVariant } from "./types.ts";

export interface WakeUpQuestion {
  variants: readonly IdleVariant[];
  /** Requests that wait, and how long the oldest of them has. */
  waiting: { count: number; oldestMs: number };
  /** Expected from now on. */
  ratePerSecond: number;
  /** How long it will run before it is idle again. */
  stayMs: number;
  slo: IdleSlo;
  /** What the plan chose: it is woken, where it can be. */
  plannedVariant?: string;
}

/** One variant, or none that can be started. */
export interface WakeUp {
  variant?: IdleVariant;
  reason: string;
}

interface Candidate {
  variant: IdleVariant;
  late: number;
  /** Late requests beyond what the percentile allows. */
  tooLate: number;
  costOfStay: number;
}

/**
 * The one variant that a workload at zero is woken with: what the plan chose, else
 * 1. the fewest requests late beyond the share that the percentile allows of those that wait and of those expected during the stay,
 * 2. the lowest cost of start and stay, with the replicas that the expected rate needs,
 * 3. the shortest start, then the name.
 */
export function wakeUpVariant(question: WakeUpQuestion): WakeUp {
  const usable = question.variants.filter(isUsable);
  if (usable.length === 0) return { reason: whyNone(question.variants) };
  const planned = usable.find(({ name }) => name === question.plannedVariant);
  if (planned !== undefined) return { variant: planned, reason: `${planned.name}: the plan chose it` };
  const candidates = usable.map((variant) => candidate(variant, question));
  const best = candidates.reduce((a, b) => (compare(b, a) < 0 ? b : a));
  return { variant: best.variant, reason: sentence(best, candidates) };
}

function isUsable({ available, startMs, costPerHour, capacityPerSecond }: IdleVariant): boolean {
  return available && isKnown(startMs) && isKnown(costPerHour) && isKnown(capacityPerSecond) && capacityPerSecond > 0;
}

function candidate(variant: IdleVariant, question: WakeUpQuestion): Candidate {
  const { startMs, capacityPerSecond, costPerHour } = variant;
  const { slo, waiting } = question;
  const perSecond = isKnown(question.ratePerSecond) ? question.ratePerSecond : 0;
  const stayMs = isKnown(question.stayMs) ? question.stayMs : 0;
  const count = isKnown(waiting.count) ? waiting.count : 0;
  const deadlineMs = deadlineLeft(slo);
  const replicas = Math.max(1, Math.ceil(perSecond / capacityPerSecond));
  const following = lateOfColdStart(perSecond, startMs, deadlineMs, capacityPerSecond * replicas);
  const late = count * lateShare(waiting.oldestMs, startMs, deadlineMs) + Math.max(0, following - 1);
  const allowed = (1 - slo.percentile) * (count + (perSecond * (startMs + stayMs)) / 1000);
  const costOfStay = (costPerHour * replicas * (startMs + stayMs)) / 3_600_000;
  return { variant, late, tooLate: Math.max(0, late - allowed), costOfStay };
}

/** What is left of the deadline for waiting. */
export function deadlineLeft({ deadlineMs, warmMs = 0 }: IdleSlo): number {
  return isKnown(deadlineMs) ? Math.max(0, deadlineMs - (isKnown(warmMs) ? warmMs : 0)) : Number.POSITIVE_INFINITY;
}

/** Of requests that have waited for times spread evenly up to the oldest one's: the share that a start makes late. */
function lateShare(oldestMs: number, startMs: number, deadlineMs: number): number {
  const spareMs = deadlineMs - startMs;
  if (spareMs < 0) return 1;
  return isKnown(oldestMs) && oldestMs > spareMs ? (oldestMs - spareMs) / oldestMs : 0;
}

function compare(a: Candidate, b: Candidate): number {
  return (
    a.tooLate - b.tooLate ||
    a.costOfStay - b.costOfStay ||
    a.variant.startMs - b.variant.startMs ||
    (a.variant.name < b.variant.name ? -1 : 1)
  );
}

function sentence({ variant, late, tooLate, costOfStay }: Candidate, candidates: readonly Candidate[]): string {
  const cheaper = candidates.filter((other) => other.costOfStay < costOfStay).length;
  const because =
    cheaper > 0
      ? `${cheaper} cheaper ${cheaper === 1 ? "one makes" : "ones make"} more requests late`
      : candidates.length > 1
        ? "none that keeps the SLO as well is cheaper"
        : "it is the only one that can be started";
  const kept = tooLate > 0 ? `about ${amount(Math.ceil(late))} requests will be late` : "the SLO is kept";
  return `${variant.name}: ready in ${duration(variant.startMs)}, ${amount(costOfStay)} for its stay; ${because}; ${kept}`;
}

function whyNone(variants: readonly IdleVariant[]): string {
  if (variants.length === 0) return "it has no variant";
  const there = variants.filter(({ available }) => available);
  if (there.length === 0) return "no variant can be started now";
  return "no variant that can be started has a known start time, cost and capacity";
}
