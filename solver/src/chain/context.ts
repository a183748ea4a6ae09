import type { Progress } from "../api.ts";
import type { PriceEngine } from "../lagrange/price-engine.ts";
import type { MilpBackend } from "../milp/model.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { CertificateEntry } from "../plan/types.ts";
import type { Tangents } from "./formulation.ts";
import type { Keep } from "./keep.ts";

/** What the stages of one solve share. */
export interface ChainContext {
  instance: Instance;
  goals: Goals;
  backend: MilpBackend;
  keep: Keep;
  /** The best plan so far: it keeps all that `keep` names. */
  x: Float64Array;
  /** The newest plan of the engine, kept or not: where the next tangents of ln a lie. */
  lastSolution?: Float64Array;
  tangents: Tangents;
  /** Prices stages before they are searched; absent where the engine that was asked for does without. */
  prices?: PriceEngine;
  certificate: CertificateEntry[];
  /** Relative gap at which a stage counts as proved. */
  gap: number;
  /** Milliseconds left. */
  remainingMs(): number;
  /** Of those, what later phases keep for themselves: searches stop there, prices do not. */
  reservedMs: number;
  signal: AbortSignal | undefined;
  progress(p: Omit<Progress, "elapsedMs" | "gap">): void;
  /** The stage at which time ran out. */
  stoppedAt?: string;
}

/** Milliseconds that searches of the current phase may still take. */
export function searchMs(context: ChainContext): number {
  return context.remainingMs() - context.reservedMs;
}

/** Relative difference of a value and its bound. */
export function relativeGap(reached: number, bound: number): number {
  const difference = Math.abs(reached - bound);
  return difference < 1e-9 ? 0 : difference / Math.max(Math.abs(reached), 1e-9);
}
