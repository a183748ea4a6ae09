import type { FleetView } from "../../status/metric-types.ts";
import type { CycleOutcome, Solved } from "./cycle.ts";
import { NoPlanYetError } from "./errors.ts";

/** What the newest cycles of this process came to. */
export class Latest {
  /** The last cycle that ended. */
  cycle: { outcome: CycleOutcome; tookMs: number } | undefined;
  /** Of the last cycle that did not hold. */
  solved: Solved | undefined;
  view: FleetView | undefined;
  whyNone = "the first cycle has not ended";

  /** @throws NoPlanYetError */
  outcomeOrThrow(): CycleOutcome {
    if (this.cycle === undefined) throw new NoPlanYetError(this.whyNone);
    return this.cycle.outcome;
  }

  /** @throws NoPlanYetError */
  solvedOrThrow(): Solved {
    if (this.solved === undefined) throw new NoPlanYetError(this.whyNone);
    return this.solved;
  }
}
