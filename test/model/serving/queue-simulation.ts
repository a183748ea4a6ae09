import { demandOf } from "../../../src/model/serving/demand-of.ts";
import type { QueueServing } from "../../../src/snapshot/serving.ts";
import { known, NOW } from "./fixtures.ts";

interface Run {
  burst: number;
  perSecond: number;
  /** Start time over drain time. */
  startShare: number;
  drainSeconds: number;
  serviceSeconds: number;
  tellsAge: boolean;
}

const STEP_SECONDS = 0.5;
const CYCLE_SECONDS = 5;

/** A burst at time 0 and steady arrivals, first come first served; every cycle the demand is asked for anew and met by whole replicas. */
export function drained(serving: QueueServing, run: Run) {
  const { burst, perSecond, drainSeconds, serviceSeconds } = run;
  const startSeconds = run.startShare * drainSeconds;
  const readyAt: number[] = [];
  let [served, arrived] = [0, burst];
  let [firstAsked, mostAsked] = [0, 0];
  let lastServedAt = Number.POSITIVE_INFINITY;
  let leftAtDrainTime = burst;
  for (let step = 0; step * STEP_SECONDS < 2 * drainSeconds; step++) {
    const now = step * STEP_SECONDS;
    if (now % CYCLE_SECONDS === 0 && served < burst) {
      const ready = readyAt.filter((at) => at <= now).length;
      const one = {
        name: "v",
        askedReplicas: readyAt.length,
        readyReplicas: ready,
        comingInMs: readyAt.filter((at) => at > now).map((at) => (at - now) * 1000),
        startMs: startSeconds * 1000,
        serviceSeconds,
      };
      const age = run.tellsAge ? { oldestAgeMs: now * 1000 } : {};
      const signals = { backlog: arrived - served, ratePerSecond: perSecond, ...age };
      const { demandPerSecond } = known(demandOf(serving, signals, { nowMs: NOW + now * 1000, variants: [one] }));
      const asked = Math.ceil(demandPerSecond * serviceSeconds - 1e-9);
      if (step === 0) firstAsked = asked;
      mostAsked = Math.max(mostAsked, asked);
      readyAt.length = Math.min(readyAt.length, asked);
      while (readyAt.length < asked) readyAt.push(now + startSeconds);
    }
    const ready = readyAt.filter((at) => at <= now).length;
    arrived += perSecond * STEP_SECONDS;
    served = Math.min(arrived, served + (ready / serviceSeconds) * STEP_SECONDS);
    const end = now + STEP_SECONDS;
    if (served >= burst - 1e-6 && lastServedAt === Number.POSITIVE_INFINITY) lastServedAt = end;
    if (end <= drainSeconds) leftAtDrainTime = Math.max(0, arrived - served);
  }
  return { lastServedAt, leftAtDrainTime, firstAsked, mostAsked };
}
