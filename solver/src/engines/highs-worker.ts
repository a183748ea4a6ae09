import { parentPort } from "node:worker_threads";
import loadHighs from "highs";
import type { Milp } from "../milp/model.ts";
import type { EngineRequest, EngineResponse } from "./protocol.ts";

/** HiGHS in a thread of its own: its calls block, and only `terminate` ends one that overshoots its time limit. */
// the package types its CommonJS form; as an ES module the default export is the loader itself
const highs = await (loadHighs as unknown as typeof loadHighs.default)();
const { modelStatus, variableType, objectiveSense, callbackType } = highs.constants;

/**
 * HiGHS rounds the bound of a stopped search up to the next value that whole columns allow, from this tolerance below on. The noise of a linear
 * program is larger than 1e-9: that would lift a bound of 1.5 to 1.507.
 */
const TOLERANCE = 1e-7;

/** The same problem with one more column that costs something, is not whole, and stays at 0: no value of the objective is ruled out. */
function unrounded(milp: Milp): Milp {
  return {
    ...milp,
    cost: [...milp.cost, milp.maximise ? -1 : 1],
    colLower: [...milp.colLower, 0],
    colUpper: [...milp.colUpper, 1],
    integer: [...milp.integer, false],
  };
}

function modelData(milp: Milp) {
  const numCols = milp.cost.length;
  const numRows = milp.rowLower.length;
  return {
    numCols,
    numRows,
    sense: milp.maximise ? objectiveSense.maximize : objectiveSense.minimize,
    offset: milp.offset,
    colCost: milp.cost,
    colLower: milp.colLower,
    colUpper: milp.colUpper,
    rowLower: milp.rowLower,
    rowUpper: milp.rowUpper,
    matrix: {
      format: "csr" as const,
      numCols,
      numRows,
      starts: Int32Array.from([...milp.starts, milp.indices.length]),
      indices: Int32Array.from(milp.indices),
      values: Float64Array.from(milp.values),
    },
    integrality: milp.integer.map((i) => (i ? variableType.integer : variableType.continuous)),
  };
}

/** `careful`: without the start, for the rare model on which HiGHS gives up with an error of its own. */
function solve(request: EngineRequest, post: (r: EngineResponse) => void, careful: boolean): void {
  const { id, milp } = request;
  const tolerance = request.tolerance ?? TOLERANCE;
  const flag = new Int32Array(request.stop);
  const isMip = milp.integer.some(Boolean);
  const worst = milp.maximise ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let bound = worst;
  highs.withModel(modelData(tolerance < TOLERANCE ? unrounded(milp) : milp), (model) => {
    model.options.set({
      output_flag: false,
      random_seed: 0,
      time_limit: Math.max(0.001, request.timeLimitMs / 1000),
      mip_rel_gap: request.gap,
      mip_abs_gap: 1e-9,
      mip_feasibility_tolerance: tolerance,
      primal_feasibility_tolerance: tolerance,
    });
    if (request.nodeLimit !== undefined) model.options.set("mip_max_nodes", request.nodeLimit);
    // with a start, HiGHS 1.15's presolve can take the start for the optimum ("stuffing", ERGO-Code/HiGHS 3073 and 3094)
    if (isMip) model.options.set("presolve", "off");
    if (request.start && !careful) model.setSolution(request.start);
    model.run(
      isMip
        ? {
            [callbackType.mipInterrupt](event) {
              if (Atomics.load(flag, 0) !== 0) event.interrupt();
              return undefined;
            },
            [callbackType.mipLogging](event) {
              bound = event.data.mip_dual_bound ?? bound;
              post({ id, kind: "progress", incumbent: event.data.mip_primal_bound ?? -worst, bound });
              return undefined;
            },
            [callbackType.mipImprovingSolution](event) {
              const values = event.data.mip_solution;
              const objective = event.data.objective_function_value ?? 0;
              if (values) post({ id, kind: "incumbent", values, objective });
              return undefined;
            },
          }
        : {},
    );
    const status = model.getModelStatus();
    if (status === modelStatus.infeasible) {
      post({ id, kind: "done", status: "infeasible", objective: -worst, bound: -worst });
      return;
    }
    const optimal = status === modelStatus.optimal;
    const solution = model.getSolution();
    const feasible = optimal || (isMip && Number(model.info.get("primal_solution_status")) === 2);
    const finalBound = isMip ? Number(model.info.get("mip_dual_bound")) : optimal ? model.getObjectiveValue() : worst;
    post({
      id,
      kind: "done",
      status: optimal ? "optimal" : "stopped",
      values: feasible ? solution.colValue : undefined,
      objective: feasible ? model.getObjectiveValue() : -worst,
      bound: Number.isFinite(finalBound) ? finalBound : bound,
      rowDuals: !isMip && optimal ? solution.rowDual : undefined,
    });
  });
}

parentPort?.on("message", (request: EngineRequest) => {
  const post = (response: EngineResponse) => parentPort?.postMessage(response);
  try {
    solve(request, post, false);
  } catch {
    try {
      solve(request, post, true);
    } catch {
      // no answer is an answer: the plan in hand and the bounds that are known stand
      const worst = request.milp.maximise ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      post({ id: request.id, kind: "done", status: "stopped", objective: -worst, bound: worst });
    }
  }
});
