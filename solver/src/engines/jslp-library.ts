import library from "javascript-lp-solver";

/** Model of javascript-lp-solver: columns by name, each with its coefficient in the rows it names. Columns are ≥ 0. */
export interface JslpModel {
  optimize: string;
  opType: "min" | "max";
  constraints: Record<string, { min?: number; max?: number }>;
  variables: Record<string, Record<string, number>>;
  ints?: Record<string, 1>;
}

export type JslpAnswer = Record<string, number | undefined> & { result: number };

/**
 * Solves to the end. undefined where no values are feasible. `precision`: what counts as 0, and what values are rounded to; the
 * library's default is 1e-8.
 */
export function solveJslp(model: JslpModel, precision?: number): JslpAnswer | undefined {
  // the package types its CommonJS form; as an ES module the default export is the solver itself
  const solver = library as unknown as {
    Solve(m: JslpModel, precision?: number): JslpAnswer & { feasible: boolean };
  };
  const answer = solver.Solve(model, precision);
  return answer.feasible ? answer : undefined;
}
