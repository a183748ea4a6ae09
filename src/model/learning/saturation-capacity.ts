import { shownNumber } from "./numbers.ts";
import { fittedLoad, type SaturationState } from "./saturation.ts";

/** Samples before the fit is trusted beyond what was served. */
const ENOUGH_SAMPLES = 10;
/** How far beyond the highest rate that was served well a fit may reach, at no and at full confidence. */
const LEAST_REACH = 1.1;
const MOST_REACH = 2;
/** Saturated samples that make their mean a bound. */
const ENOUGH_SATURATED = 3;
const STEPS = 60;

export type LearnedCapacity =
  | { ok: true; perSecond: number /** 0 to 1. */; confidence: number; reason: string }
  | { ok: false; reason: string };

/**
 * Rate at which one replica becomes saturated. Of three bounds the smallest: the rate at which the fitted load, one standard deviation
 * up, reaches 1; a reach beyond the highest rate that was served well; the mean rate that saturated replicas served.
 */
export function capacityFromSaturation(state: SaturationState | undefined): LearnedCapacity {
  if (state === undefined || state.samples === 0)
    return { ok: false, reason: "no replica has told rate and saturation yet" };
  const good = state.goodPerSecond;
  const saturated = state.saturatedWeight >= ENOUGH_SATURATED ? state.saturatedPerSecond : undefined;
  if (good === 0) {
    const perSecond = state.saturatedPerSecond;
    return {
      ok: true,
      perSecond,
      confidence: shareOf(state.saturatedWeight, 20),
      reason: `every sample was saturated; they served ${shownNumber(perSecond)} requests/s`,
    };
  }
  const seen = shareOf(state.samples, 30);
  const few = state.samples < ENOUGH_SAMPLES;
  const fit = few ? good : crossing(state, good * MOST_REACH * 2);
  const confidence = seen * Math.min(1, (saturated ?? good) / Math.max(fit, good));
  const reach = good * (LEAST_REACH + (MOST_REACH - LEAST_REACH) * seen * fitQuality(state, good));
  const servedWell = `${shownNumber(good)} requests/s were served well`;
  const bounds: [number, string][] = few
    ? [[good, `${servedWell}; too few samples to say more`]]
    : [
        [
          isOutdated(state, good) ? fit : Math.max(fit, good),
          `the load that grows with the rate reaches saturation at ${shownNumber(fit)} requests/s`,
        ],
        [reach, `${servedWell}; no more than ${shownNumber(reach / good)} times that is believed`],
      ];
  if (saturated !== undefined) {
    bounds.push([saturated, `saturated replicas served ${shownNumber(saturated)} requests/s`]);
  }
  const [perSecond, reason] = bounds.reduce((least, bound) => (bound[0] < least[0] ? bound : least));
  return { ok: true, perSecond, confidence, reason };
}

/** What was once served well is clearly too much by what is fitted now. */
function isOutdated(state: SaturationState, good: number): boolean {
  return fittedLoad(state, good, -2) > 1;
}

/** Least rate at which the load is 1, with its deviation; `most` where there is none below. */
function crossing(state: SaturationState, most: number): number {
  let [low, high] = [0, most];
  const load = (rate: number) => fittedLoad(state, rate, 1);
  if (load(most) < 1) return most;
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2;
    if (load(middle) < 1) low = middle;
    else high = middle;
  }
  return low;
}

/** 1 for a fit without scatter. */
function fitQuality(state: SaturationState, rate: number): number {
  const [load, above] = [fittedLoad(state, rate), fittedLoad(state, rate, 1)];
  return load > 0 && Number.isFinite(above) ? load / above / (1 + state.variance) : 0;
}

function shareOf(count: number, half: number): number {
  return count / (count + half);
}
