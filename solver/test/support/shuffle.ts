import type { PlacementProblem } from "../../src/index.ts";

/** A small seeded generator (mulberry32), uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function permuted<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Shuffles every list and every object's keys inside a value. `keepNodes`: node rows stay, since a plan refers to them by index. */
function shuffleValue(value: unknown, random: () => number, keep: ReadonlySet<string>, key: string): unknown {
  if (Array.isArray(value)) {
    const list = value.map((item) => shuffleValue(item, random, keep, ""));
    return keep.has(key) ? list : permuted(list, random);
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    permuted(Object.entries(value), random).map(([k, v]) => [k, shuffleValue(v, random, keep, k)]),
  );
}

/** The same problem with all its lists, and the keys of all its objects, in another order. */
export function shuffled(problem: PlacementProblem, seed: number, keep: string[] = []): PlacementProblem {
  return shuffleValue(problem, seeded(seed), new Set(keep), "") as PlacementProblem;
}
