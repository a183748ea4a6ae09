import type { PlacementProblem, Plan } from "@apportion/solver";
import { snapshotToProblem } from "../../plan/snapshot-to-problem.ts";
import type { Placement } from "../../ports/placement.ts";
import type { Snapshot } from "../../snapshot/types.ts";
import type { Solved } from "./cycle.ts";

/** Time of a what-if: somebody waits for it. */
const WHAT_IF_MS = 3000;

/** The solver over rounds: each starts from the last plan, by names. */
export class LiveSolver {
  readonly #placement: Placement;
  #previous: Plan | undefined;

  constructor(placement: Placement) {
    this.#placement = placement;
  }

  /** @throws Error where the snapshot makes no problem, or the plan fails its own check */
  async solve(snapshot: Snapshot, timeLimitMs: number): Promise<Solved> {
    const solved = await this.solveApart(snapshot, timeLimitMs);
    this.#previous = solved.plan;
    return solved;
  }

  /** As `solve`, of something that is only thought of: no round starts from it. */
  async solveApart(snapshot: Snapshot, timeLimitMs: number): Promise<Solved> {
    const { problem: input } = snapshotToProblem(snapshot);
    const read = this.#placement.readProblem(input);
    if (!read.ok) {
      const [first] = read.violations;
      throw new Error(`the problem is malformed: ${first?.path} is ${first?.value}: ${first?.rule}`);
    }
    const plan = await this.#placement.solve(read.value, {
      timeLimitMs,
      ...(this.#previous === undefined ? {} : { previous: this.#previous }),
    });
    return { problem: read.value, plan };
  }

  solveProblem(problem: PlacementProblem, previous: Plan, signal: AbortSignal): Promise<Plan> {
    return this.#placement.solve(problem, { timeLimitMs: WHAT_IF_MS, previous, signal });
  }
}
