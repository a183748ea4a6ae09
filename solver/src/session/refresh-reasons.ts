import type { BindingRow, Reason, WorkloadPlan } from "../plan/types.ts";
import type { Holders } from "../report/holders.ts";
import { fullText, reasonOf } from "../report/reasons.ts";
import type { Base } from "./base.ts";
import type { Round } from "./quick-round.ts";

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
  /** By row: 0 not looked at, 1 of the same kind as before, 2 of another. */
  private readonly kind: Uint8Array;
  /** By row: what the plan before said of it. */
  private readonly said = new Map<number, BindingRow>();

  constructor(base: Base, round: Round, holders: Holders) {
    this.base = base;
    this.round = round;
    this.holders = holders;
    const { rows } = round.changed.instance;
    this.rowOf = new Map(rows.map((row, r) => [row.key, r]));
    this.kind = new Uint8Array(rows.length);
    for (const w of base.plan.workloads)
      for (const b of w.reason?.binding ?? []) {
        const r = this.rowOf.get(b.key)!;
        if (!this.said.has(r)) this.said.set(r, b);
      }
  }

  reason(m: number): Reason {
    const { changed, a } = this.round;
    const penalty = changed.problem.objective === "penalty";
    const how = { penalty, stopped: this.base.plan.stoppedAt !== undefined, conflict: false };
    return reasonOf(changed.instance, changed.goals, m, a[m]!, this.holders, how);
  }

  /** The entry of a workload whose counts and bounds are as before. */
  refreshed(m: number, before: WorkloadPlan): WorkloadPlan {
    const { workloads, rowsOf } = this.round.changed.instance;
    for (const v of workloads[m]!.variants)
      for (const { row } of rowsOf[v]!) if (this.isOther(row)) return { ...before, reason: this.reason(m) };
    const { reason } = before;
    const binding = reason!.binding.map((b) => this.holders.row(this.rowOf.get(b.key)!));
    return { ...before, reason: { ...reason!, binding } };
  }

  private isOther(r: number): boolean {
    if (this.kind[r] === 0) this.kind[r] = this.compare(r) ? 1 : 2;
    return this.kind[r] === 2;
  }

  private compare(r: number): boolean {
    const { instance } = this.base;
    const [before, now] = [instance.rows[r]!, this.round.changed.instance.rows[r]!];
    const [freeBefore, free] = [before.capacity - this.base.used[r]!, now.capacity - this.round.used[r]!];
    if (freeBefore === free && before.capacity === now.capacity && !this.said.has(r)) return true;
    // sentences of quotas say numbers
    if (now.pool < 0) return freeBefore === free;
    if (Math.min(freeBefore, AMPLE) !== Math.min(free, AMPLE)) return false;
    const old = this.said.get(r);
    if (!old) return true;
    const row = this.holders.row(r);
    return this.round.changed.instance.classes.every(
      ({ priority }) => fullText([old], priority) === fullText([row], priority),
    );
  }
}
