import type { EngineName } from "../src/index.ts";
import type { InstanceSpec } from "./fleets/instance.ts";

/** What one cell of a table is made of; runs in a process of its own. */
export type Job =
  | { what: "solve"; instance: InstanceSpec; engine: EngineName; limitMs: number; gap?: number; warm?: boolean }
  | {
      what: "replan";
      instance: InstanceSpec;
      engine: EngineName;
      limitMs: number;
      way: string;
      changedShare: number;
      warm?: boolean;
    }
  | {
      what: "scenarios";
      instance: InstanceSpec;
      engine: EngineName;
      limitMs: number;
      count: number;
      warm?: boolean;
    }
  | { what: "greedy"; instance: InstanceSpec }
  | { what: "highs-wasm"; instance: InstanceSpec; limitMs: number };

/** The best plan and the best bound at some moment of a run; infinite where there is none yet (JSON: null). */
export interface Point {
  ms: number;
  plan: number | null;
  bound: number | null;
}

/** What a class got, by a measure that any engine's plan has. */
export interface ServedClass {
  priority: number;
  /** Requests that are served, each workload's by its weight: Σ w·a·d over Σ w·d, what rule `total` maximises. */
  requests: number;
}

/** The proof of one class of a lexicographic plan. */
export interface ClassProof {
  priority: number;
  /** When the lowest level was proved within one rung; null: it was not. */
  levelMs: number | null;
  /** The worst reached − bound of a rung, in normalised weight, and over the class's whole weight. */
  openWeight: number;
  openShare: number;
}

/** Many what-ifs on one base. */
export interface ScenarioFigures {
  /** The full solve that they stand on, and all of them together. */
  coldMs: number;
  allMs: number;
  slowestMs: number;
  /** How many took a full solve. */
  full: number;
  worstGap: number;
}

export interface Outcome {
  /** Wall time of the call with the problem in memory, check of the plan included. */
  ms: number;
  plan: number;
  bound: number | null;
  gap: number | null;
  proved: boolean;
  /** Peak resident memory of the process, in MiB. */
  rssMib: number;
  trajectory: Point[];
  served: ServedClass[];
  proofs: ClassProof[];
  /** When the last class was settled; null: the objective has no classes. */
  ladderMs: number | null;
  scenarios?: ScenarioFigures;
  /** The longest time for which the caller's event loop stood still; of second plans. */
  blockedMs?: number;
}

/** A cell that has no figure says why: an engine that refuses, a killed process, a plan that its checker refused. */
export type CellResult = { ok: true; outcome: Outcome } | { ok: false; why: string };
