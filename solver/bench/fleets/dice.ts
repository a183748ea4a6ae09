/** mulberry32: 32-bit state, enough for instances. */
export function randomOf(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Dice {
  next(): number;
  between(a: number, b: number): number;
  logNormal(sigma: number): number;
  pick(n: number): number;
  shuffle<T>(list: T[]): T[];
}

export function diceOf(seed: number): Dice {
  const next = randomOf(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const pick = (n: number) => Math.floor(next() * n);
  return {
    next,
    pick,
    between: (a, b) => a + (b - a) * next(),
    logNormal: (sigma) => Math.exp(sigma * normal()),
    shuffle: (list) => {
      for (let i = list.length - 1; i > 0; i--) {
        const j = pick(i + 1);
        [list[i], list[j]] = [list[j]!, list[i]!];
      }
      return list;
    },
  };
}

/** Three digits after the point, never zero: instances stay readable. */
export const round3 = (x: number) => Math.max(0.001, Math.round(x * 1000) / 1000);
