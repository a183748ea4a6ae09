import type { ContinuousProfile } from "../../snapshot/continuous-profile.ts";
import type { IterationTimes, StatedTimes } from "./types.ts";

/** How far a stated number may be off, as a share of it: what other hardware or another version changes. */
const RELATIVE_DEVIATION = 0.5;
/** And at least this, ms: a stated zero can be wrong, too. */
const LEAST_DEVIATIONS: IterationTimes = [1, 0.02, 0.002, 1e-6];

/** A stated profile with what is known about its accuracy; `relative` is one standard deviation as a share, above 0. */
export function statedTimes(profile: ContinuousProfile, relative: number = RELATIVE_DEVIATION): StatedTimes {
  const times: IterationTimes = [
    profile.baseMs,
    profile.perSequenceMs,
    profile.perPromptTokenMs,
    profile.perContextTokenMs,
  ];
  const deviations = times.map((value, i) => Math.max(LEAST_DEVIATIONS[i]!, relative * value)) as IterationTimes;
  return { times, deviations };
}

export function sameStated(a: StatedTimes, b: StatedTimes): boolean {
  return [0, 1, 2, 3].every((i) => a.times[i] === b.times[i] && a.deviations[i] === b.deviations[i]);
}
