import type { Objective } from "./boosting.ts";

/** A rate is worth something from this share of the highest on. */
const WORTH = Math.log(0.85);
/** Steps are smoothed over this difference of logarithms, about what simulations of one configuration differ by. */
const WIDTH = 0.025;
const [LOWEST, HIGHEST, STEP] = [-0.9, 0.6, 0.01];

/**
 * The worth of a rate, by ln(highest simulated / rate): `met` where it is not above the highest, and 1 where it is at least 85 % of it.
 */
export function worthOf(met: number): Objective {
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z / WIDTH));
  const bump = (z: number) => (sigmoid(z) * sigmoid(-z)) / WIDTH;
  const steps = Math.round((HIGHEST - LOWEST) / STEP) + 1;
  // Worth at steps of the logarithm: leaves are searched among them.
  const table = Float64Array.from({ length: 4 * steps }, (_, i) => {
    const left = (i - 2 * steps) * STEP;
    return met * sigmoid(left) + sigmoid(-WORTH - left);
  });
  return {
    slope: (left) => bump(-WORTH - left) - met * bump(left),
    best(lefts) {
      const counts = new Float64Array(2 * steps);
      for (const left of lefts) counts[Math.min(2 * steps - 1, Math.max(0, Math.round(left / STEP) + steps))]! += 1;
      let best = 0;
      let most = -1;
      for (let k = 0; k < steps; k++) {
        const shift = Math.round(LOWEST / STEP) + k;
        let worth = 0;
        for (let i = 0; i < counts.length; i++)
          if (counts[i]! > 0) worth += counts[i]! * table[i - steps - shift + 2 * steps]!;
        if (worth > most) [most, best] = [worth, shift * STEP];
      }
      return best;
    },
  };
}
