/** Differences of attainments and levels up to here are rounding. */
export const TIE = 1e-7;

/** F(t) is `below` for every t after `from` and up to the next step. */
export interface Step {
  from: number;
  below: number;
}

/** What a workload brings to F: normalised weight, cap and attainment. */
export interface Entry {
  weight: number;
  cap: number;
  attainment: number;
}

/** F over (0, 1] as its steps: a workload short of min(1, cap) counts from just above a/w on. */
export function profileOf(entries: Entry[]): Step[] {
  const jumps = entries
    .filter((e) => e.weight > 0 && e.attainment < Math.min(1, e.cap) - TIE)
    .map((e) => ({ from: e.attainment / e.weight, weight: e.weight }))
    .sort((a, b) => a.from - b.from);
  const steps: Step[] = [];
  let below = 0;
  for (const j of jumps) {
    below += j.weight;
    const last = steps[steps.length - 1];
    if (last && j.from - last.from <= TIE) last.below = below;
    else steps.push({ from: j.from, below });
  }
  return steps;
}

/** Negative where `a` has the smaller F at the first t where they differ, 0 where they are the same. */
export function compareProfiles(a: Step[], b: Step[]): number {
  for (let i = 0; ; i++) {
    const p = a[i];
    const q = b[i];
    if (!p || !q) return p ? 1 : q ? -1 : 0;
    if (Math.abs(p.from - q.from) > TIE) return q.from - p.from;
    if (Math.abs(p.below - q.below) > TIE) return p.below - q.below;
  }
}

/** F at one rung. */
export function belowAt(entries: Entry[], rung: number): number {
  return entries.reduce(
    (sum, e) => (e.weight > 0 && e.attainment < Math.min(1, e.weight * rung, e.cap) - TIE ? sum + e.weight : sum),
    0,
  );
}

/** The largest t with F(t) = 0. */
export function levelOf(entries: Entry[]): number {
  return Math.min(1, profileOf(entries)[0]?.from ?? 1);
}
