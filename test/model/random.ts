/** A uniform source in [0, 1), the same for the same seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function exponential(random: () => number, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Arrivals in a time, by drawing the gaps between them. */
export function poisson(random: () => number, mean: number): number {
  let count = 0;
  for (let at = exponential(random, 1); at <= mean; at += exponential(random, 1)) count++;
  return count;
}
