import {
  QUALITIES,
  type SignalOrigin,
  type SignalQuality,
  type SignalValue,
  type SignalValues,
} from "../../../snapshot/signals.ts";

/** The better of two: by quality, then the first. */
export function better<T extends SignalOrigin>(first: T | undefined, second: T | undefined): T | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return rank(second.quality) < rank(first.quality) ? second : first;
}

const rank = (quality: SignalQuality): number => QUALITIES.indexOf(quality);

const worst = (values: readonly SignalValue[]): SignalValue =>
  values.reduce((found, value) => (rank(value.quality) > rank(found.quality) ? value : found));

const has = (value: SignalValue | undefined): value is SignalValue & { value: number } => value?.value !== undefined;

/** Signals that follow from others, where no metric says them. */
export function withDerived(signals: SignalValues, growth: SignalValue | undefined, nowMs: number): SignalValues {
  const derived: SignalValues = { ...signals };
  if (!has(signals.arrivalRate)) {
    const arrivalRate = arrivals(signals.requestRate, growth);
    if (arrivalRate !== undefined) derived.arrivalRate = arrivalRate;
  }
  if (!has(signals.inferenceLag)) {
    const inFlight = [signals.runningRequests, signals.waitingRequests, signals.flowControlQueue].filter(has);
    if (inFlight.length > 0) {
      const value = inFlight.reduce((sum, part) => sum + part.value, 0);
      derived.inferenceLag = { ...worst(inFlight), value };
    }
  }
  // A counter that grows, or a request that runs, is activity of this moment.
  const busy = [signals.requestRate, signals.runningRequests, signals.arrivalRate]
    .filter(has)
    .find((signal) => signal.value > 0 && signal.quality !== "stale");
  if (busy !== undefined) {
    const value = Math.max(derived.lastActivity?.value ?? 0, busy.atMs ?? nowMs);
    derived.lastActivity = { ...busy, quality: busy.quality === "reset" ? "fresh" : busy.quality, value };
  }
  return derived;
}

/** What came in is what was answered and what stayed in flight; not below zero, where requests were dropped. */
function arrivals(answered: SignalValue | undefined, growth: SignalValue | undefined): SignalValue | undefined {
  if (!has(answered)) return answered;
  if (!has(growth)) return { ...answered, reason: answered.reason ?? "the growth of what is in flight is not known" };
  return { ...worst([answered, growth]), value: Math.max(0, answered.value + growth.value) };
}
