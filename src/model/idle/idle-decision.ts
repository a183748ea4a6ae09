import { amount, duration, isKnown, percent, rate } from "../serving/numbers.ts";
import { idleTimeForShare, lateOfColdStart, probabilityOfArrival } from "./cold-starts.ts";
import type { IdleDecision, IdleQuestion, IdleVariant } from "./types.ts";
import { deadlineLeft, wakeUpVariant } from "./wake-up.ts";

/**
 * Whether a workload may be at zero now: only where its SLO survives the cold start that follows, or its owner says so. What is not
 * known changes nothing. The way down asks for more than staying down does, so that it does not flap: from zero only a request that
 * waits or a forecast brings it back.
 */
export function idleDecision(question: IdleQuestion): IdleDecision {
  const { policy, waitingRequests, currentReplicas } = question;
  if (isKnown(waitingRequests) && waitingRequests > 0) return one(`${amount(waitingRequests)} requests wait`);
  if (policy.mode === "never") return one("it is never to go to zero");
  const { variant, reason } = wakeUpVariant({
    variants: question.variants,
    waiting: { count: 1, oldestMs: 0 },
    ratePerSecond: wakeRate(question),
    stayMs: policy.idleSeconds * 1000,
    slo: question.slo,
    ...(question.plannedVariant === undefined ? {} : { plannedVariant: question.plannedVariant }),
  });
  if (currentReplicas === 0) return atZero(question, variant, reason);
  const idle = idleTime(question);
  if (idle === undefined) return one("it is not known when its last request came");
  const needed = policy.idleSeconds * 1000;
  if (idle < needed) return one(`idle for ${duration(idle)}, at least ${duration(needed)} before zero`);
  if (policy.mode === "always") return zero(`idle for ${duration(idle)}: its owner takes the cold start`);
  if (variant === undefined) return one(`it could not be woken again: ${reason}`);
  return onTheWayDown(question, variant, idle);
}

function atZero(question: IdleQuestion, variant: IdleVariant | undefined, reason: string): IdleDecision {
  if (variant === undefined) return zero(`at zero: ${reason}`);
  const { policy, forecast } = question;
  const probability = arrivalWithinStart(question, variant);
  const isAhead = policy.mode === "auto" && !fits(question, variant) && probability >= policy.keepWarmProbability;
  if (!isAhead) return zero("at zero, and nothing waits");
  return one(
    `a request within the ${duration(variant.startMs)} that ${variant.name} takes to start has a probability of ` +
      `${percent(probability)} (${forecast?.model}): it is started ahead`,
  );
}

function onTheWayDown(question: IdleQuestion, variant: IdleVariant, idleMs: number): IdleDecision {
  const { policy, slo, history, forecast } = question;
  const start = `${variant.name} takes ${duration(variant.startMs)} to start`;
  if (fits(question, variant)) {
    if (deadlineLeft(slo) === Number.POSITIVE_INFINITY)
      return zero(`idle for ${duration(idleMs)}; it has no target for waiting`);
    return zero(
      `idle for ${duration(idleMs)}; ${start}: inside the ${duration(deadlineLeft(slo))} that a request may wait`,
    );
  }
  if (policy.unusedSeconds !== undefined && idleMs >= policy.unusedSeconds * 1000) {
    return zero(`unused for ${duration(idleMs)}, limit ${duration(policy.unusedSeconds * 1000)}`);
  }
  const probability = arrivalWithinStart(question, variant);
  if (probability >= policy.keepWarmProbability / 2) {
    return one(`kept warm: ${start}, and a request within that has a probability of ${percent(probability)}`);
  }
  if (history !== undefined && isKnown(history.requests) && isKnown(history.coldMisses)) {
    return byBudget(question, variant, start, history);
  }
  const expected = firstKnown(forecast?.lowerPerSecond, forecast?.ratePerSecond);
  if (expected === undefined) return one("neither what is to come nor what came is known");
  const late = lateOfColdStart(expected, variant.startMs, deadlineLeft(slo), variant.capacityPerSecond);
  const needed = idleTimeForShare(expected, variant.startMs, late, 1 - slo.percentile);
  const inputs = `${start}; at ${rate(expected)} (${forecast?.model})`;
  if (idleMs >= needed) {
    return zero(`idle for ${duration(idleMs)}; ${inputs} ${percent(slo.percentile)} of requests stay in time`);
  }
  const when = Number.isFinite(needed)
    ? `only after ${duration(needed)} idle, now ${duration(idleMs)}`
    : "at no idle time";
  return one(`${inputs} ${percent(slo.percentile)} of requests stay in time ${when}`);
}

/** Late requests are a budget: the share that the percentile leaves of all that came. Another cold start must fit in it. */
function byBudget(
  question: IdleQuestion,
  variant: IdleVariant,
  start: string,
  history: NonNullable<IdleQuestion["history"]>,
): IdleDecision {
  const { slo } = question;
  const late = lateOfColdStart(wakeRate(question), variant.startMs, deadlineLeft(slo), variant.capacityPerSecond);
  const budget = (1 - slo.percentile) * (history.requests + late);
  const inputs =
    `${start} and makes about ${amount(Math.ceil(late))} late; ${amount(history.coldMisses)} of ` +
    `${amount(history.requests)} were, ${percent(1 - slo.percentile)} may be`;
  return history.coldMisses + late <= budget ? zero(inputs) : one(inputs);
}

function fits({ slo }: IdleQuestion, { startMs }: IdleVariant): boolean {
  return startMs <= deadlineLeft(slo);
}

function arrivalWithinStart({ forecast }: IdleQuestion, { startMs }: IdleVariant): number {
  const expected = firstKnown(forecast?.upperPerSecond, forecast?.ratePerSecond);
  return expected === undefined ? 0 : probabilityOfArrival(expected, startMs);
}

function wakeRate({ history, forecast }: IdleQuestion): number {
  return firstKnown(history?.wakeRatePerSecond, forecast?.upperPerSecond, forecast?.ratePerSecond) ?? 0;
}

function firstKnown(...values: (number | undefined)[]): number | undefined {
  return values.find(isKnown);
}

/** Since the last request, or since it has been ready to answer one; a time in the future is not known. */
function idleTime({ nowMs, lastRequestAtMs, readySinceMs }: IdleQuestion): number | undefined {
  if (!isKnown(lastRequestAtMs) || lastRequestAtMs > nowMs) return undefined;
  return nowMs - Math.max(lastRequestAtMs, isKnown(readySinceMs) ? Math.min(readySinceMs, nowMs) : 0);
}

function zero(reason: string): IdleDecision {
  return { mayBeZero: true, minReplicas: 0, reason };
}

function one(reason: string): IdleDecision {
  return { mayBeZero: false, minReplicas: 1, reason };
}
