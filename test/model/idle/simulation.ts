import type { IdleDecision } from "../../../src/model/idle/types.ts";

/** What a decision is made from, as the simulated workload knows it. */
export interface Situation {
  nowMs: number;
  currentReplicas: number;
  lastRequestAtMs: number;
  readySinceMs?: number;
  /** Of the last day. */
  history: { requests: number; coldMisses: number };
}

export interface IdleScenario {
  /** Seconds, rising. */
  arrivals: readonly number[];
  /** Seconds that the next start takes. */
  drawStart(): number;
  deadlineSeconds: number;
  capacityPerSecond: number;
  /** Seconds between two decisions. */
  cycleSeconds: number;
}

export interface IdleRun {
  requests: number;
  late: number;
  coldStarts: number;
  /** Time with a replica, over all time. */
  runningShare: number;
}

const DAY = 86_400;

/**
 * One workload with at most one replica, request by request: first come first served, a request is in time if its service begins within
 * the deadline. At zero a request starts the replica at once. Nothing of the formulas is in here.
 */
export function simulateIdle(scenario: IdleScenario, decide: (situation: Situation) => IdleDecision): IdleRun {
  const { arrivals, deadlineSeconds, capacityPerSecond, cycleSeconds } = scenario;
  /** Undefined: at zero. */
  let readyAt: number | undefined = 0;
  let [freeAt, last, runningSince, running, coldStarts] = [0, 0, 0, 0, 0];
  const lateAt: number[] = [];
  let [oldestRequest, oldestLate] = [0, 0];
  const situation = (now: number, index: number): Situation => {
    while (oldestRequest < index && arrivals[oldestRequest]! < now - DAY) oldestRequest++;
    while (oldestLate < lateAt.length && lateAt[oldestLate]! < now - DAY) oldestLate++;
    return {
      nowMs: now * 1000,
      currentReplicas: readyAt === undefined ? 0 : 1,
      lastRequestAtMs: last * 1000,
      ...(readyAt === undefined ? {} : { readySinceMs: readyAt * 1000 }),
      history: { requests: index - oldestRequest, coldMisses: lateAt.length - oldestLate },
    };
  };
  arrivals.forEach((arrival, index) => {
    const from = Math.max(last, readyAt ?? last);
    for (let now = from + cycleSeconds; now < arrival; now += cycleSeconds) {
      const { minReplicas } = decide(situation(now, index));
      if (readyAt !== undefined && minReplicas === 0 && now >= readyAt) {
        running += now - runningSince;
        readyAt = undefined;
      } else if (readyAt === undefined && minReplicas === 1) {
        runningSince = now;
        readyAt = now + scenario.drawStart();
      }
    }
    if (readyAt === undefined) {
      coldStarts++;
      runningSince = arrival;
      readyAt = arrival + scenario.drawStart();
    }
    const begins = Math.max(arrival, readyAt, freeAt);
    freeAt = begins + 1 / capacityPerSecond;
    if (begins - arrival > deadlineSeconds) lateAt.push(arrival);
    last = arrival;
  });
  if (readyAt !== undefined) running += last - runningSince;
  return { requests: arrivals.length, late: lateAt.length, coldStarts, runningShare: running / last };
}
