import type { Dual } from "./dual.ts";
import { EPS, type Moves } from "./moves.ts";
import type { Placement } from "./placement.ts";
import type { StageModel } from "./stage-model.ts";

/** Moves of one chain after its best plan: where weight counts, gains come late, when freed rows are filled again. */
const PATIENCE = 25;
const PATIENCE_OF_WEIGHT = 100;

/** Chains of moves, with a log of what they changed: undone where they were no gain. */
export class Chains {
  private readonly plan: Placement;
  private readonly moves: Moves;
  private readonly model: StageModel;
  private readonly prices: Float64Array;
  private readonly units: Float64Array;
  private readonly patience: number;
  /** Rows that nobody can fill. */
  private readonly dead: Uint8Array;
  /** Changes since the last mark: workload and its counts before. */
  private readonly logM: number[] = [];
  private readonly logX: Float64Array[] = [];

  constructor(dual: Dual, plan: Placement, prices: Float64Array, moves: Moves) {
    this.plan = plan;
    this.moves = moves;
    this.model = dual.model;
    this.prices = prices;
    this.units = dual.master.units;
    this.patience = dual.tieBreak ? PATIENCE_OF_WEIGHT : PATIENCE;
    this.dead = new Uint8Array(dual.model.capacity.length);
  }

  /** Sets counts of m and remembers those before. */
  change(m: number, x: Float64Array, at: number): void {
    const { flat } = this.model;
    this.logM.push(m);
    this.logX.push(this.plan.x.slice(flat.first[m]!, flat.first[m + 1]!));
    this.plan.set(m, x, at);
  }

  /** What was changed stays. */
  commit(): void {
    this.logM.length = 0;
    this.logX.length = 0;
  }

  /**
   * A chain of moves from the plan as it is: overloaded rows are relieved, rows with a price and room are filled, each by whoever it costs
   * least at the prices, until nothing is out of balance or the priced value has risen past `most`. Ends at the best plan on the way that
   * fits (by its objective, below `goal`); false where there was none: then all is as before the log's start.
   */
  run(steps: number, most: number, goal: number, everyone: boolean): boolean {
    const { plan, prices, model, moves } = this;
    const rows = plan.used.length;
    let best = goal;
    let mark = -1;
    let since = 0;
    this.dead.fill(0);
    for (let k = 0; k <= steps; k++) {
      let row = -1;
      let worst = 0;
      let sign = 1;
      let balance = plan.objective;
      let fits = true;
      for (let r = 0; r < rows; r++) {
        const over = plan.used[r]! - model.capacity[r]!;
        balance += prices[r]! * over;
        if (plan.over(r)) {
          const value = (prices[r]! + this.units[r]!) * over;
          if (fits || value > worst) {
            row = r;
            worst = value;
            sign = 1;
          }
          fits = false;
        } else if (fits && this.dead[r] === 0 && prices[r]! > 0 && over < -0.5) {
          const value = -prices[r]! * over;
          if (value > worst) {
            row = r;
            worst = value;
            sign = -1;
          }
        }
      }
      if (fits && plan.objective < best - EPS) {
        best = plan.objective;
        mark = this.logM.length;
        since = 0;
      }
      if (row < 0 || k === steps || balance > most || (fits && ++since > this.patience)) break;
      const amount = Math.abs(plan.used[row]! - model.capacity[row]!);
      const force = 0.2 + 0.1 * Math.min(k, 50) + (k > 2000 ? 1e6 : 0);
      let who = moves.moveShort(row, sign, amount, force);
      if (who < 0 && everyone && sign > 0) who = moves.moveAny(row, sign, amount, force);
      if (who < 0 || (sign < 0 && moves.least * amount > worst)) {
        if (sign > 0) break;
        this.dead[row] = 1;
        continue;
      }
      this.change(who, moves.best, 0);
      if (!everyone) moves.hold(who);
    }
    while (this.logM.length > Math.max(0, mark)) plan.set(this.logM.pop()!, this.logX.pop()!, 0);
    return mark >= 0;
  }
}
