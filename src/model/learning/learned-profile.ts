import type { ContinuousProfile } from "../../snapshot/continuous-profile.ts";
import { iterationEstimate } from "./estimate.ts";
import type { LearningState } from "./types.ts";

/** The profile with what was learned in place of its four times; what samples say nothing about stays. */
export function learnedProfile(state: LearningState, profile: ContinuousProfile): ContinuousProfile {
  const [baseMs, perSequenceMs, perPromptTokenMs, perContextTokenMs] = iterationEstimate(state).times;
  return { ...profile, baseMs, perSequenceMs, perPromptTokenMs, perContextTokenMs };
}
