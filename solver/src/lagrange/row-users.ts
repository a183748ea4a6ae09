import type { StageModel } from "./stage-model.ts";

/** Users of each row: workloads that can use it. Those of row r are users[start[r] … start[r + 1]). */
export function usersOf(model: StageModel) {
  const { locStart, locRow, flat, capacity } = model;
  const start = new Int32Array(capacity.length + 1);
  for (let i = 0; i < locRow.length; i++) start[locRow[i]! + 1] = start[locRow[i]! + 1]! + 1;
  for (let r = 0; r < capacity.length; r++) start[r + 1] = start[r + 1]! + start[r]!;
  const fill = start.slice();
  const users = new Int32Array(locRow.length);
  for (let m = 0; m < flat.workloads; m++)
    for (let i = locStart[m]!; i < locStart[m + 1]!; i++) {
      users[fill[locRow[i]!]!] = m;
      fill[locRow[i]!] = fill[locRow[i]!]! + 1;
    }
  return { start, users };
}
