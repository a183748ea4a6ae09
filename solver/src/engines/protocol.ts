import type { Milp, SparseStart } from "../milp/model.ts";

/** What the client posts. `stop` is a shared flag: non-zero asks the running solve to end. */
export interface EngineRequest {
  id: number;
  milp: Milp;
  timeLimitMs: number;
  gap: number;
  nodeLimit?: number | undefined;
  tolerance?: number | undefined;
  start?: SparseStart | undefined;
  stop: SharedArrayBuffer;
}

/** What the worker posts: bounds and incumbents while it searches, then one `done` or `failed`. */
export type EngineResponse =
  | { id: number; kind: "progress"; incumbent: number; bound: number }
  | { id: number; kind: "incumbent"; values: Float64Array; objective: number }
  | {
      id: number;
      kind: "done";
      status: "optimal" | "infeasible" | "stopped";
      values?: Float64Array | undefined;
      objective: number;
      bound: number;
      rowDuals?: Float64Array | undefined;
    }
  | { id: number; kind: "failed"; message: string };
