import type { ContinuousProfile } from "../snapshot/continuous-profile.ts";
import { type DrawnRequests, requestOf } from "./drawn-requests.ts";
import { ReplicaSimulation } from "./replica.ts";
import type { ReplicaRole } from "./simulate-replica.ts";
import { inRole } from "./simulate-replica.ts";

/** Share of the requests before and after the ones that are timed: while the batch fills, and while it empties. */
const MARGIN = 0.1;

/**
 * Requests per second that finish while some always wait: no higher rate can last. Requests too large for the replica count as finished.
 * @throws InputError for a profile that cannot be meant.
 */
export function saturatedRate(profile: ContinuousProfile, drawn: DrawnRequests, role: ReplicaRole = "both"): number {
  const timed = drawn.gaps.length;
  const margin = Math.ceil(timed * MARGIN);
  let ended = 0;
  let fromMs = 0;
  let untilMs = 0;
  const end = (atMs: number): void => {
    ended++;
    if (ended === margin) fromMs = atMs;
    if (ended === margin + timed) untilMs = atMs;
  };
  const replica = new ReplicaSimulation(
    { ...profile, maxQueueSize: undefined },
    { finished: (_sequence, atMs) => end(atMs) },
  );
  for (let i = 0; i < timed + 2 * margin; i++) {
    const request = inRole(requestOf(drawn, i, 0), role);
    if (request.outputTokens > (request.generatedTokens ?? 0)) replica.offer(request);
    else end(0);
  }
  replica.advanceTo(Number.POSITIVE_INFINITY);
  return untilMs > fromMs ? (1000 * timed) / (untilMs - fromMs) : Number.POSITIVE_INFINITY;
}
