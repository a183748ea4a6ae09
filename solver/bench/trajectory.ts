import type { Point } from "./job.ts";

/** The best plan and bound so far at every point: engines report the ones in hand, and a later stage may start over. */
export function envelope(points: readonly Point[]): Point[] {
  let plan: number | null = null;
  let bound: number | null = null;
  return [...points]
    .sort((a, b) => a.ms - b.ms)
    .map((p) => {
      if (p.plan !== null) plan = plan === null ? p.plan : Math.min(plan, p.plan);
      if (p.bound !== null) bound = bound === null ? p.bound : Math.max(bound, p.bound);
      return { ms: p.ms, plan, bound };
    });
}

/** Relative to the plan, as in certified plans; null without a plan or a bound. */
export function gapOf({ plan, bound }: Pick<Point, "plan" | "bound">): number | null {
  if (plan === null || bound === null) return null;
  return Math.max(0, plan - bound) / Math.max(1e-9, Math.abs(plan));
}

/** Gap that a run had at a moment; null: it had no plan or no bound. */
export function gapAt(points: readonly Point[], ms: number): number | null {
  const last = envelope(points)
    .filter((p) => p.ms <= ms)
    .at(-1);
  return last ? gapOf(last) : null;
}

/** When a run first had a gap of at most `gap`; null: never. */
export function timeTo(points: readonly Point[], gap: number): number | null {
  const reached = envelope(points).find((p) => {
    const g = gapOf(p);
    return g !== null && g <= gap;
  });
  return reached?.ms ?? null;
}

/** JSON has no infinity: what is not known is null. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
