import type { StageGoal } from "../lagrange/stage-goal.ts";
import type { Formulation } from "./formulation.ts";
import type { PatternMilp } from "./pattern-milp.ts";

/** One stage of the chain: what it asks for, and how far to go for it. */
export interface StageSpec {
  name: string;
  sense: "min" | "max";
  /** Value of a plan; NaN where it does not keep what the stage may not lose. */
  value(x: Float64Array): number;
  /** What some workloads add to the value of a plan, where it is a sum over workloads: independent parts are then searched apart. */
  partValue?(x: Float64Array, workloads: readonly number[]): number;
  /** What no plan's share of some workloads passes, as far as is known from the plan in hand. */
  partBound?(x: Float64Array, workloads: readonly number[]): number;
  /** The same stage for prices: its value is offset + what `goal` minimises (offset − for max stages). */
  goal?: StageGoal & { offset: number };
  /** Share of the time left to its phase that prices may take; default all. */
  priceShare?: number;
  /** Starts of the recovery of plans from prices; default 2. */
  starts?: number;
  /** Adds the objective; returns the constant and factor that turn the MILP's objective into the stage's value. */
  objective(f: Formulation): { offset: number; factor: number };
  /** The same objective over patterns, where weight below rungs or cost is all that counts. */
  patterns?(f: PatternMilp): { offset: number; factor: number };
  /** No plan passes this. */
  trivialBound: number;
  extraRungs?: { cls: number; rung: number }[];
  /** Sharpens a proved bound, for example to the next attainable value. */
  sharpen?(bound: number): number;
  /** Share of the time left to its phase that this stage may take; default 0.3. */
  share?: number;
  nodeLimit?: number;
  /** Not worth telling. */
  quiet?: boolean;
  /** Absolute difference that counts as proved. */
  tolerance?: number;
  /** Absolute difference to a bound above nothing at which prices look no further: a share of a large class. */
  near?: number;
  /** One of many stages alike: see `StageLimits`. */
  brief?: boolean;
}
