import { DRAINED_LABEL } from "../../actuation/drain.ts";
import type { Actuator } from "../../ports/actuator.ts";
import type { Log } from "../../ports/log.ts";
import type { AuditEntry } from "../../snapshot/world/memory.ts";
import type { CycleOutcome } from "./cycle.ts";

/** Carries out what a drain asks for; what it came to as an entry of the audit trail, where anything was to be done. */
export async function actDrain(
  actuator: Actuator,
  { drain, revision }: CycleOutcome,
  { mayAct, log, atMs }: { mayAct: () => boolean; log: Log; atMs: number },
): Promise<AuditEntry | undefined> {
  const { cordon, uncordon, evict } = drain;
  const pods = evict.flatMap((entry) => entry.pods);
  if (cordon.length + uncordon.length + pods.length === 0) return undefined;
  const { done, failed } = await actuator.drain({ cordon, uncordon, evict: pods }, DRAINED_LABEL, mayAct);
  for (const failure of failed) log.warn({ ...failure }, "drain waits");
  if (done === 0) return undefined;
  const parts = [
    ...cordon.map((node) => `node ${node} cordoned`),
    ...uncordon.map((node) => `node ${node} opened again`),
    ...evict.map(({ variant, replica }) => `${replica} of ${variant} evicted`),
  ];
  const reason =
    failed.length === 0 ? "drain by override" : `drain by override; ${failed.length} of it refused for now`;
  const subject = `plan ${revision}`;
  return { atMs, actor: "apportion", action: "drained", subject, reason, effect: parts.join(", "), revision };
}
