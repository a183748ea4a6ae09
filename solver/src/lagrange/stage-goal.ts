/** What a stage minimises. Several terms add up. */
export interface StageGoal {
  /** Factor of cost per hour and start cost; 0 where cost does not count. */
  cost: number;
  /** Weight that counts below these rungs of a class, each with a factor; whoever weighs more than is `allowed` below must reach it. */
  below?: { cls: number; rung: number; factor: number; allowed?: number }[];
  /** Linear loss: `linear(m)`·(1 − a_m). */
  linear?: (m: number) => number;
  /** −w·ln a of a class over a > 0, with at most `zeroWeight` at a = 0. */
  log?: { cls: number; zeroWeight: number };
  /** Weight at a = 0 of this class. */
  zero?: number;
  /** Replicas that this class misses to the asked minima. */
  missing?: { cls: number; asked: Float64Array };
}

/** Index that stands for the objective where a row index is expected. */
export const OBJECTIVE = -1;
/** Index that stands for no row at all. */
export const NONE = -2;
