import type { Dual } from "./dual.ts";
import { EPS, type Moves } from "./moves.ts";
import type { Placement } from "./placement.ts";
import type { StageModel } from "./stage-model.ts";

/** Moves of one chain after its best plan: where weight counts, gains come late, when freed rows are filled again. */
const PATIENCE = 25;
const PATIENCE_OF_WEIGHT = 100;

/** Moves of a repair after the least overload so far: by then cheap moves go in circles, and nothing may overflow elsewhere any more. */
const CIRCLES = 60;
/** Loss for each unit, in prices of the row, beyond which all are asked who use the row, and beyond which nobody moves. */
const DEAR = 3;
const TOO_DEAR = 10;
/** Moves for which whoever moved in a repair stays. */
const TENURE = 30;
/** Such moves without less overload, before the repair gives up. */
const STRICT_CIRCLES = 25;
/** What overflow elsewhere then costs, in prices. */
const STRICT = 1e4;

/** Chains of moves, with a log of what they changed: undone where they were no gain. */
export class Chains {
  /** Moves that were looked for so far: the work that is done. */
  steps = 0;
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
   * least at the prices, until nothing is out of balance or the priced value has risen past `ceiling`. Ends at the best plan on the way that
   * fits (by its objective, below `goal`); false where there was none: then all is as before the log's start.
   */
  run(steps: number, ceiling: number, goal: number, everyone: boolean, out?: () => boolean): boolean {
    const { plan, prices, model, moves } = this;
    const rows = plan.used.length;
    let best = goal;
    let mark = -1;
    let since = 0;
    let least = Number.POSITIVE_INFINITY;
    let circling = 0;
    let strict = false;
    this.dead.fill(0);
    for (let k = 0; k <= steps; k++) {
      let row = -1;
      let worst = 0;
      let sign = 1;
      let balance = plan.objective;
      let fits = true;
      let overload = 0;
      for (let r = 0; r < rows; r++) {
        const over = plan.used[r]! - model.capacity[r]!;
        balance += prices[r]! * over;
        if (plan.over(r)) {
          const value = (prices[r]! + this.units[r]!) * over;
          overload += value;
          if (this.dead[r] === 0 && (fits || row < 0 || sign < 0 || value > worst)) {
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
      // nothing is filled before all fits
      if (!fits && sign < 0) row = -1;
      if (fits && plan.objective < best - EPS) {
        best = plan.objective;
        mark = this.logM.length;
        since = 0;
      }
      if (overload < least - EPS) {
        least = overload;
        circling = 0;
      } else if (everyone && ++circling > CIRCLES + STRICT_CIRCLES) break;
      if (circling > CIRCLES) strict = true;
      if (row < 0 || k === steps || balance > ceiling || (fits && ++since > this.patience)) break;
      if ((k & 31) === 31 && out?.()) break;
      this.steps++;
      const amount = Math.abs(plan.used[row]! - model.capacity[row]!);
      const force = strict ? STRICT : 0.2 + 0.1 * Math.min(k, 50);
      const fair = prices[row]! + this.units[row]!;
      let who = strict ? -1 : moves.moveShort(row, sign, amount, force);
      // those who are cheap have moved: a large workload that jumps would do more harm than good
      if (everyone && sign > 0 && (who < 0 || moves.least > DEAR * fair)) who = moves.moveAny(row, sign, amount, force);
      // less overload in all, or nothing
      const most = strict ? 0.95 * STRICT : TOO_DEAR;
      // what is kept of earlier stages must hold, whatever its price: where it just holds, that is next to nothing
      if (everyone && sign > 0 && (strict || row < model.flat.rows) && moves.least > most * fair) who = -1;
      if (who < 0 || (sign < 0 && moves.least * amount > worst)) {
        if (sign > 0 && !everyone) break;
        this.dead[row] = 1;
        continue;
      }
      this.change(who, moves.best, 0);
      if (everyone && sign > 0) this.dead.fill(0);
      moves.hold(who, everyone ? TENURE : undefined);
    }
    while (this.logM.length > Math.max(0, mark)) plan.set(this.logM.pop()!, this.logX.pop()!, 0);
    return mark >= 0;
  }
}
