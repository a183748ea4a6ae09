import type { TokenMix } from "../../snapshot/profile.ts";
import type { SignalQuality, SignalValue, SignalValues, WorkloadSignals } from "../../snapshot/signals.ts";
import type { ReportedDemand } from "./reported.ts";

/** Qualities of which the value is the whole of it. */
const WHOLE: readonly SignalQuality[] = ["fresh", "reset"];

/** A value that may be relied on; undefined where it is stale, missing or refused. */
export function usableValue(signal: SignalValue | undefined): number | undefined {
  if (signal?.value === undefined) return undefined;
  return WHOLE.includes(signal.quality) || signal.quality === "partial" ? signal.value : undefined;
}

/**
 * The demand that the serving systems themselves tell of: arrivals, of all pods or (then it is at least so much) of some.
 * Undefined where no collector covers the workload.
 */
export function signalledDemand(all: WorkloadSignals | undefined): ReportedDemand | undefined {
  const signals = all?.signals;
  const arrivals = signals?.arrivalRate ?? signals?.requestRate;
  if (signals === undefined || arrivals === undefined || arrivals.quality === "missing") return undefined;
  const mix = mixOf(signals);
  const withMix = mix === undefined ? {} : { tokenMix: mix };
  const source = arrivals.source ?? "signals";
  const perSecond = usableValue(arrivals);
  if (perSecond === undefined) {
    return { known: "none", perSecond: arrivals.value ?? 0, ...withMix, staleSources: [source] };
  }
  const whole = WHOLE.includes(arrivals.quality);
  return { known: whole ? "all" : "some", perSecond, ...withMix, staleSources: whole ? [] : [source] };
}

function mixOf(signals: SignalValues): TokenMix | undefined {
  const [inputTokens, outputTokens] = [
    usableValue(signals.inputTokensPerRequest),
    usableValue(signals.outputTokensPerRequest),
  ];
  if (inputTokens === undefined || outputTokens === undefined || outputTokens < 1) return undefined;
  const hits = usableValue(signals.prefixCacheHitRate);
  return { inputTokens, outputTokens, ...(hits === undefined ? {} : { prefixCacheHitRate: hits }) };
}
