import { DRAINED_LABEL } from "../../actuation/drain.ts";
import type { Actuator } from "../../ports/actuator.ts";
import type { Log } from "../../ports/log.ts";
import type { AuditEntry } from "../../snapshot/world/memory.ts";
import type { CycleOutcome } from "./cycle.ts";

export interface DrainActed {
  /** Absent where nothing was done. */
  entry?: AuditEntry;
  /** What could not be done, in words. */
  refused: string[];
}

/** Carries out what a drain asks for, and what it came to as an entry of the audit trail. */
export async function actDrain(
  actuator: Actuator,
  { drain, revision }: CycleOutcome,
  { mayAct, log, atMs }: { mayAct: () => boolean; log: Log; atMs: number },
): Promise<DrainActed> {
  const { cordon, uncordon, evict } = drain;
  const pods = evict.flatMap((entry) => entry.pods);
  if (cordon.length + uncordon.length + pods.length === 0) return { refused: [] };
  const { done, failed } = await actuator.drain({ cordon, uncordon, evict: pods }, DRAINED_LABEL, mayAct);
  for (const failure of failed) log.warn({ ...failure }, "drain waits");
  const refused = failed.map(({ name, reason }) => `drain of ${name}: ${reason}`);
  if (done === 0) return { refused };
  const parts = [
    ...cordon.map((node) => `node ${node} cordoned`),
    ...uncordon.map((node) => `node ${node} opened again`),
    ...evict.map(({ variant, replica }) => `${replica} of ${variant} evicted`),
  ];
  const reason =
    failed.length === 0 ? "drain by override" : `drain by override; ${failed.length} of it refused for now`;
  const subject = `plan ${revision}`;
  const effect = parts.join(", ");
  return { entry: { atMs, actor: "apportion", action: "drained", subject, reason, effect, revision }, refused };
}
