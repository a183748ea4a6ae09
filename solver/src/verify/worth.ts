/** The least attainment that counts as reached, and the penalty below it. */
export interface Step {
  at: number;
  penalty: number;
}

/**
 * What an attainment is worth to one workload in one stage: G(a) = Σ penalty over the steps that a does not reach
 * + linear·(1 − a) − log·ln a, for a ≥ floor. Never rising in a, so that more is never worse before its price.
 */
export interface Worth {
  /** Hard: a plan of the stage reaches it. */
  floor: number;
  /** Rising. */
  steps: Step[];
  linear: number;
  log: number;
  /** G at a = 0, where ln a has no value: a workload at zero counts nothing in Σ w·ln a. */
  logFromZero: boolean;
}

/** The smooth part of G. */
export function smooth(worth: Worth, a: number): number {
  return worth.linear * (1 - a) - (worth.log > 0 ? worth.log * Math.log(a) : 0);
}

/** All of G; Infinity below the floor. */
export function worthOf(worth: Worth, a: number): number {
  if (a < worth.floor) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const step of worth.steps) if (a < step.at) sum += step.penalty;
  if (a <= 0 && worth.logFromZero) return sum + worth.linear;
  return sum + smooth(worth, Math.min(1, a));
}

/** The attainment up to which one more unit of it is worth a price of `slope`; 0 where none is. */
export function worthwhile(worth: Worth, slope: number): number {
  if (worth.linear > slope) return 1;
  if (worth.log === 0) return 0;
  return slope === worth.linear ? 1 : Math.min(1, worth.log / (slope - worth.linear));
}
