import { parentPort } from "node:worker_threads";
import type { Milp, MilpAnswer } from "../milp/model.ts";
import { solveJslp } from "./jslp-library.ts";
import type { EngineRequest, EngineResponse } from "./protocol.ts";

/**
 * javascript-lp-solver in a thread: the small reference engine, which runs to the end or is ended. Neither its time-out (which calls
 * fractions feasible) nor a start is used. Its columns are ≥ 0, so lower bounds are shifted away.
 */
parentPort?.on("message", ({ id, milp }: EngineRequest) => {
  let response: EngineResponse;
  try {
    const { status, values, objective, bound } = solveNow(milp);
    response = { id, kind: "done", status, values, objective, bound };
  } catch (error) {
    response = { id, kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(response);
});

function solveNow(milp: Milp): MilpAnswer {
  const n = milp.cost.length;
  const constraints: Record<string, { min?: number; max?: number }> = {};
  const variables: Record<string, Record<string, number>> = {};
  const ints: Record<string, 1> = {};
  let offset = milp.offset;
  for (let j = 0; j < n; j++) {
    const lower = milp.colLower[j]!;
    offset += milp.cost[j]! * lower;
    const column: Record<string, number> = { cost: milp.cost[j]! };
    if (Number.isFinite(milp.colUpper[j]!)) {
      column[`u${j}`] = 1;
      constraints[`u${j}`] = { max: milp.colUpper[j]! - lower };
    }
    variables[`x${j}`] = column;
    if (milp.integer[j]) ints[`x${j}`] = 1;
  }
  milp.rowLower.forEach((lower, i) => {
    const end = milp.starts[i + 1] ?? milp.indices.length;
    let shift = 0;
    for (let k = milp.starts[i]!; k < end; k++) {
      const j = milp.indices[k]!;
      shift += milp.values[k]! * milp.colLower[j]!;
      const column = variables[`x${j}`]!;
      column[`r${i}`] = (column[`r${i}`] ?? 0) + milp.values[k]!;
    }
    const bounds: { min?: number; max?: number } = {};
    if (Number.isFinite(lower)) bounds.min = lower - shift;
    if (Number.isFinite(milp.rowUpper[i]!)) bounds.max = milp.rowUpper[i]! - shift;
    constraints[`r${i}`] = bounds;
  });
  const answer = solveJslp({ optimize: "cost", opType: milp.maximise ? "max" : "min", constraints, variables, ints });
  const worst = milp.maximise ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!answer) return { status: "infeasible", objective: worst, bound: worst };
  const values = Float64Array.from(milp.cost, (_, j) => milp.colLower[j]! + (answer[`x${j}`] ?? 0));
  const objective = answer.result + offset;
  return { status: "optimal", values, objective, bound: objective };
}
