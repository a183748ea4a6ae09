import type { Plan } from "@apportion/solver";
import type { Parsed } from "../../domain/violation.ts";
import type { Placement } from "../../ports/placement.ts";
import { parseWorld } from "../../snapshot/world/codec.ts";
import { type CycleOutcome, planCycle } from "./cycle.ts";
import { LiveSolver } from "./solver.ts";

/** Whether a document says that it is a recorded world. */
export function isWorld(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "World";
}

/** The cycle of a recorded world once more; nothing is carried out. */
export async function replayWorld(placement: Placement, value: unknown): Promise<Parsed<CycleOutcome>> {
  const read = parseWorld(value);
  if (!read.ok) return read;
  const solver = new LiveSolver(placement);
  const { timeLimitMs } = read.value.policy;
  return { ok: true, value: await planCycle(read.value, (snapshot) => solver.solve(snapshot, timeLimitMs)) };
}

/** What of a cycle is the same in every replay: everything but how long the solver took. */
export function replayDocument({ revision, world, decision, recommended, order, solved }: CycleOutcome): object {
  return {
    revision,
    takenAtMs: world.takenAtMs,
    decision,
    recommended: Object.fromEntries(recommended),
    order,
    ...(solved === undefined ? {} : { plan: withoutTime(solved.plan) }),
  };
}

function withoutTime({ elapsedMs: _elapsed, ...plan }: Plan): Omit<Plan, "elapsedMs"> {
  return plan;
}
