import type { Actuator } from "../../ports/actuator.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterEvent } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import type { AuditEntry, Memory } from "../../snapshot/world/memory.ts";
import { type Acted, act, NOTHING_ACTED } from "./act.ts";
import type { AuditTrail } from "./audit.ts";
import type { CycleOutcome } from "./cycle.ts";
import { actDrain } from "./drain.ts";
import type { MemoryKeeper } from "./memory-keeper.ts";
import { rememberedCycle } from "./remember.ts";

export interface CarryOutParts {
  actuator: Actuator;
  keeper: MemoryKeeper;
  trail: AuditTrail;
  /** What sources reported last, for whoever leads next. */
  reports: () => Memory["reports"];
  mayAct: () => boolean;
  clock: Clock;
  log: Log;
}

/**
 * Remembers the plan before anything of it is written, so that no other process acts under its revision, and what was
 * written after. A process that dies in between has written part of a plan that the next cycle reads back.
 */
export async function carryOut(
  { actuator, keeper, trail, reports, mayAct, clock, log }: CarryOutParts,
  outcome: CycleOutcome,
): Promise<{ acted: Acted; refusedDrain: string[] }> {
  const reported = reports();
  const remembered = (memory: Memory, written: ReadonlyMap<string, number>): Memory => ({
    ...merged(memory, rememberedCycle(outcome, written), outcome),
    ...(reported === undefined ? {} : { reports: reported }),
  });
  await keeper.update((memory) => remembered(memory, new Map()));
  const moved = await actDrain(actuator, outcome, { mayAct, log, atMs: clock.nowMs() });
  if (moved.entry !== undefined) await trail.add(moved.entry);
  if (!outcome.decision.act || outcome.order.steps.length === 0) {
    return { acted: NOTHING_ACTED, refusedDrain: moved.refused };
  }
  const { world, revision, order } = outcome;
  const acted = await act(actuator, world, revision, order, mayAct);
  if (acted.written.size > 0) {
    await trail.add(actedEntry(outcome, acted, clock.nowMs()), (memory) => remembered(memory, acted.written));
  }
  return { acted, refusedDrain: moved.refused };
}

/** What people did while the cycle ran is not lost: audit, sources that were forgotten, and an approval that came meanwhile. */
function merged(present: Memory, cycle: Memory, { world }: CycleOutcome): Memory {
  const approvedMeanwhile = present.approvedRevision !== world.memory.approvedRevision;
  return {
    ...cycle,
    ...(present.audit === undefined ? {} : { audit: present.audit }),
    ...(present.forgotten === undefined ? {} : { forgotten: present.forgotten }),
    ...(approvedMeanwhile && present.approvedRevision !== undefined && { approvedRevision: present.approvedRevision }),
  };
}

function actedEntry({ revision, decision }: CycleOutcome, { written }: Acted, atMs: number): AuditEntry {
  const effect = decision.changes
    .filter(({ variant }) => written.has(variant))
    .map(({ variant, from }) => `${variant} ${from} → ${written.get(variant)}`)
    .join(", ");
  const reason = decision.notes.map((note) => note.sentence).join("; ") || "demand and supply of this cycle";
  return { atMs, actor: "apportion", action: "plan acted", subject: `plan ${revision}`, reason, effect, revision };
}

/** What is told of each variant that was to change. */
export function eventsOf({ world, decision, revision }: CycleOutcome, acted: Acted): ClusterEvent[] {
  const uids = new Map(world.variants.map(({ key, uid }) => [key, uid]));
  const eventOf = (variant: string, event: Pick<ClusterEvent, "type" | "reason" | "message">): ClusterEvent => ({
    variant,
    uid: uids.get(variant) ?? "",
    ...event,
  });
  const scaled = decision.changes.flatMap(({ variant, from }) => {
    const to = acted.written.get(variant);
    if (to === undefined) return [];
    return [eventOf(variant, { type: "Normal", reason: "Scaled", message: `${from} → ${to} by plan ${revision}` })];
  });
  const refused = [...acted.refused].map(([variant, { reason, message }]) =>
    eventOf(variant, { type: "Warning", reason, message }),
  );
  return [...scaled, ...refused];
}
