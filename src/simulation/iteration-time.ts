import type { ContinuousProfile } from "../snapshot/continuous-profile.ts";

/** The four times of an iteration on the devices of the replica, ms. */
export interface IterationTimes {
  baseMs: number;
  perSequenceMs: number;
  perPromptTokenMs: number;
  perContextTokenMs: number;
}

/** Measured times scaled to the replica's devices: the share that is not serial shortens with their number (Amdahl). */
export function iterationTimes(profile: ContinuousProfile): IterationTimes {
  const size = profile.tensorParallelSize;
  const factor = size === undefined ? 1 : size.serialShare + ((1 - size.serialShare) * size.measured) / size.used;
  return {
    baseMs: profile.baseMs * factor,
    perSequenceMs: profile.perSequenceMs * factor,
    perPromptTokenMs: profile.perPromptTokenMs * factor,
    perContextTokenMs: profile.perContextTokenMs * factor,
  };
}
