import { normalTail } from "./tails.ts";

/** A class of lengths. Percentiles are sums over classes. */
export interface LengthClass {
  /** Share of requests. */
  weight: number;
  /** Mean and variance within the class. */
  tokens: number;
  variance: number;
  /** Mean of the other length of these requests: steps of an answer for a prompt, computed tokens for an answer. */
  other: number;
}

/**
 * Edges in standard deviations of the logarithm, finer where percentiles of 0.5 to 0.99 lie: of prompts at the top, since long ones take long;
 * of answers at both ends, since the mean time between tokens varies most in short ones.
 */
export const PROMPT_EDGES = [-1.5, -0.7, -0.2, 0.2, 0.6, 0.95, 1.3, 1.65, 2, 2.4, 2.9];
export const ANSWER_EDGES = [-2.2, -1.6, -1.1, -0.6, 0, 0.5, 0.95, 1.35, 1.75, 2.2, 2.7];

/** Classes of a log-normal length, by its partial moments; one class where it is fixed. */
export function logNormalClasses(mean: number, variation: number, inner: readonly number[]): LengthClass[] {
  if (!(variation > 0)) return [{ weight: 1, tokens: mean, variance: 0, other: 0 }];
  const sigma = Math.sqrt(Math.log1p(variation ** 2));
  const edges = [Number.NEGATIVE_INFINITY, ...inner, Number.POSITIVE_INFINITY];
  return edges.slice(1).map((high, i) => {
    const low = edges[i]!;
    const weight = normalTail(low) - normalTail(high);
    const first = (mean * (normalTail(low - sigma) - normalTail(high - sigma))) / weight;
    const second =
      (mean ** 2 * (1 + variation ** 2) * (normalTail(low - 2 * sigma) - normalTail(high - 2 * sigma))) / weight;
    return { weight, tokens: first, variance: Math.max(0, second - first ** 2), other: 0 };
  });
}

/** Classes of observed pairs by their first length: shares that shrink towards the top, or one for each value where there are few. */
export function sampleClasses(pairs: readonly (readonly [number, number])[], edges: readonly number[]): LengthClass[] {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const classes: LengthClass[] = [];
  let from = 0;
  for (let i = 0; i <= edges.length; i++) {
    const edge = edges[i];
    const end = edge === undefined ? sorted.length : Math.round(sorted.length * (1 - normalTail(edge)));
    if (end > from) classes.push(classOf(sorted.slice(from, end), sorted.length));
    from = Math.max(from, end);
  }
  return classes;
}

function classOf(part: readonly (readonly [number, number])[], all: number): LengthClass {
  const mean = (of: (pair: readonly [number, number]) => number) =>
    part.reduce((sum, pair) => sum + of(pair), 0) / part.length;
  const tokens = mean((pair) => pair[0]);
  return {
    weight: part.length / all,
    tokens,
    variance: Math.max(0, mean((pair) => pair[0] ** 2) - tokens ** 2),
    other: mean((pair) => pair[1]),
  };
}
