import { at, quadratic, solve, type Triangle } from "./matrix.ts";

/**
 * The point that is nowhere below `floor` and nearest to `mean` in the norm of the matrix `information`: the most likely one of a normal
 * distribution cut at the floor. Exact: every choice of coordinates that lie on the floor is tried, 16 for four.
 */
export function nearestAbove(mean: readonly number[], information: Triangle, floor: readonly number[]): number[] {
  if (mean.every((value, i) => value >= floor[i]!)) return [...mean];
  let best: number[] = [...floor];
  let bestCost = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < 1 << mean.length; mask++) {
    const point = conditioned(mean, information, floor, (i) => ((mask >> i) & 1) === 1);
    if (point.some((value, i) => value < floor[i]! - 1e-12)) continue;
    const cost = quadratic(
      information,
      point.map((value, i) => value - mean[i]!),
    );
    if (cost < bestCost) {
      best = point;
      bestCost = cost;
    }
  }
  return best;
}

/** Most likely point whose `fixed` coordinates lie on the floor. */
function conditioned(
  mean: readonly number[],
  information: Triangle,
  floor: readonly number[],
  fixed: (i: number) => boolean,
): number[] {
  const free = mean.map((_, i) => i).filter((i) => !fixed(i));
  const point = mean.map((value, i) => (fixed(i) ? floor[i]! : value));
  if (free.length === 0) return point;
  const part = free.flatMap((row, r) => free.slice(0, r + 1).map((column) => at(information, row, column)));
  const pull = free.map((row) =>
    mean.reduce((sum, value, i) => (fixed(i) ? sum + at(information, row, i) * (value - floor[i]!) : sum), 0),
  );
  solve(part, pull).forEach((shift, r) => {
    point[free[r]!] = mean[free[r]!]! + shift;
  });
  return point;
}
