/** Weighted numbers, rising: how far off a model was. */
export interface Residuals {
  values: Float64Array;
  /** Of the same order, and their sum. */
  weights: Float64Array;
  total: number;
}

/** The tail beyond this share comes from a fit. */
const TAIL_SHARE = 0.1;

/** Which half of a number's 64 bits holds its last ones. */
const LOW_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
/** Last bits of a number that hold its place: they are worth 1e-13 of it. */
const PLACE_BITS = 0xff;

/**
 * Sorts at most 256 numbers with their weights. Places ride in the last bits of the numbers, so that the sort is one of plain numbers: it is
 * most of what a forecast takes.
 */
export function sortedResiduals(numbers: readonly number[], weights: readonly number[]): Residuals {
  const values = Float64Array.from(numbers);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i++) words[2 * i + LOW_WORD] = (words[2 * i + LOW_WORD]! & ~PLACE_BITS) | i;
  values.sort();
  const sorted = new Float64Array(values.length);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const place = words[2 * i + LOW_WORD]! & PLACE_BITS;
    values[i] = numbers[place]!;
    sorted[i] = weights[place]!;
    total += weights[place]!;
  }
  return { values, weights: sorted, total };
}

/**
 * Quantile `q` of the residuals. Above the last tenth from an exponential tail with the mean excess of what lies there (Pickands, Annals
 * of Statistics 1975, shape 0; as McNeil and Frey, Journal of Empirical Finance 2000, read high quantiles), so that few residuals are enough.
 */
export function residualQuantile(residuals: Residuals, q: number): number {
  const threshold = plainQuantile(residuals, Math.min(q, 1 - TAIL_SHARE));
  if (q <= 1 - TAIL_SHARE) return threshold;
  let excess = 0;
  let weight = 0;
  for (let i = residuals.values.length - 1; i >= 0 && residuals.values[i]! > threshold; i--) {
    excess += residuals.weights[i]! * (residuals.values[i]! - threshold);
    weight += residuals.weights[i]!;
  }
  if (weight === 0) return threshold;
  return threshold + (excess / weight) * Math.max(0, Math.log(weight / residuals.total / (1 - q)));
}

/** Linear between the middles of the weights; 0 without any. */
function plainQuantile({ values, weights, total }: Residuals, q: number): number {
  const wanted = q * total;
  let before = 0;
  let lastMiddle = 0;
  for (let i = 0; i < values.length; i++) {
    const middle = before + weights[i]! / 2;
    if (middle >= wanted) {
      const last = values[i - 1] ?? values[i]!;
      const span = middle - lastMiddle;
      return span === 0 ? values[i]! : last + ((values[i]! - last) * (wanted - lastMiddle)) / span;
    }
    before += weights[i]!;
    lastMiddle = middle;
  }
  return values[values.length - 1] ?? 0;
}

/** Mean pinball loss of the residuals about `offset` at quantile `q`. */
export function meanPinballLoss({ values, weights, total }: Residuals, offset: number, q: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += weights[i]! * pinballLoss(values[i]! - offset, q);
  return total === 0 ? 0 : sum / total;
}

/** Loss of a quantile that an outcome passed by `error`, or stayed below (Koenker and Bassett, Econometrica 1978). */
export function pinballLoss(error: number, q: number): number {
  return error >= 0 ? q * error : (q - 1) * error;
}
