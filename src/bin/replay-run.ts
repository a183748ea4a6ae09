import { readDocumentText } from "../adapters/files/document-text.ts";
import { fleetOf } from "../adapters/sim/fleet-of.ts";
import { inProcessPlacement } from "../app/placement.ts";
import { type ReplayParts, replay } from "../app/replay/run.ts";
import type { ReplayJob, ReplayOutcome } from "../app/replay/types.ts";

const parts: ReplayParts = {
  placement: inProcessPlacement(readDocumentText),
  // The time limit is that of the replay's own solves.
  fleetOf: (simulation) => fleetOf(simulation, { scope: "replay", mode: "act", timeLimitMs: 1000 }),
};

/** One job, in this thread. */
export function runReplayJob(job: ReplayJob): Promise<ReplayOutcome> {
  return replay(parts, job);
}
