import type { BindingRow, Reason, WorkloadPlan } from "../plan/types.ts";
import type { Holders } from "../report/holders.ts";
import { fullText, reasonOf } from "../report/reasons.ts";
import type { Base } from "./base.ts";
import type { Round } from "./quick-round.ts";
import { rowsSaid } from "./row-holders.ts";

/** Room beyond which no replica is refused, in units of the row. */
const AMPLE = 1e4;

/**
 * Reasons of the workloads that are short, after a round. Thousands may name the same rows: where a row has room and holders of the same
 * kind as before, only its numbers are new, and the sentence stays.
 */
export class ReasonRefresher {
  private readonly base: Base;
  private readonly round: Round;
  private readonly holders: Holders;
  private readonly rowOf: Map<string, number>;
  /** By row: of another kind than before. */
  private readonly other: Uint8Array;
  private readonly any: boolean;
  /** By row key: what is to be said of it now. */
  private readonly now = new Map<string, BindingRow>();

  constructor(base: Base, round: Round, holders: Holders) {
    this.base = base;
    this.round = round;
    this.holders = holders;
    const { rows } = round.changed.instance;
    this.rowOf = new Map(rows.map((row, r) => [row.key, r]));
    const said = rowsSaid(base.plan, base.instance);
    this.other = Uint8Array.from(rows, (_, r) => (this.isSame(r, said.get(r)) ? 0 : 1));
    this.any = this.other.includes(1);
  }

  reason(m: number): Reason {
    const { changed, a } = this.round;
    const penalty = changed.problem.objective === "penalty";
    const how = { penalty, stopped: this.base.plan.stoppedAt !== undefined, conflict: false };
    return reasonOf(changed.instance, changed.goals, m, a[m]!, this.holders, how);
  }

  /** The entry of a workload whose counts and bounds are as before. */
  refreshed(m: number, before: WorkloadPlan): WorkloadPlan {
    const { name, attainment, variants } = before;
    if (this.any && this.usesOther(m)) return { name, attainment, variants, reason: this.reason(m) };
    const { code, sentence, binding: old } = before.reason!;
    const binding: BindingRow[] = [];
    for (const b of old) binding.push(this.rowNow(b.key));
    return { name, attainment, variants, reason: { code, sentence, binding } };
  }

  private usesOther(m: number): boolean {
    const { workloads, rowsOf } = this.round.changed.instance;
    for (const v of workloads[m]!.variants) for (const { row } of rowsOf[v]!) if (this.other[row] === 1) return true;
    return false;
  }

  private rowNow(key: string): BindingRow {
    let row = this.now.get(key);
    if (!row) {
      row = this.holders.row(this.rowOf.get(key)!);
      this.now.set(key, row);
    }
    return row;
  }

  /** `old`: what the plan before said of the row. */
  private isSame(r: number, old: BindingRow | undefined): boolean {
    const { instance } = this.base;
    const [before, now] = [instance.rows[r]!, this.round.changed.instance.rows[r]!];
    const [freeBefore, free] = [before.capacity - this.base.used[r]!, now.capacity - this.round.used[r]!];
    if (freeBefore === free && before.capacity === now.capacity && !old) return true;
    // sentences of quotas say numbers
    if (now.pool < 0) return freeBefore === free;
    if (Math.min(freeBefore, AMPLE) !== Math.min(free, AMPLE)) return false;
    if (!old) return true;
    const row = this.holders.row(r);
    return this.round.changed.instance.classes.every(
      ({ priority }) => fullText([old], priority) === fullText([row], priority),
    );
  }
}
