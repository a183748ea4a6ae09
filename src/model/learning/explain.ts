import { iterationEstimate } from "./estimate.ts";
import { shownNumber } from "./numbers.ts";
import type { LearningState, LearningVersion } from "./types.ts";

const PARTS = ["", " per sequence", " per prompt token", " per token of context"];
/** With less of the stated uncertainty taken away, samples say nothing worth telling about a number. */
const TOLD_SHARE = 0.2;

/** Sentences that say what the numbers are, how sure they are, and since when and why. */
export function explainLearning(state: LearningState): string[] {
  const { times, halfWidths, learnedShares } = iterationEstimate(state);
  const parts = times.map((time, i) => `${shownNumber(time)} ms ± ${shownNumber(halfWidths[i]!)}${PARTS[i]!}`);
  const untold = PARTS.filter((_, i) => learnedShares[i]! < TOLD_SHARE).map((part) =>
    part === "" ? "base" : part.trim(),
  );
  const sentences = [
    `${source(state)}; iteration time ${parts.join(" + ")}`,
    `version ${state.current.number} since ${shownTime(state.current.sinceMs)}, ${shownReason(state.current)}`,
  ];
  if (state.samples > 0 && untold.length > 0) {
    sentences.push(`the samples say next to nothing about: ${untold.join(", ")}; there the stated profile stays`);
  }
  if (state.frozen !== undefined) {
    sentences.push(`frozen since ${shownTime(state.frozen.atMs)}: ${state.frozen.reason}`);
  }
  return sentences;
}

/** What a change of version was, for an event; undefined where there was none. */
export function learningEvent(before: LearningState | undefined, after: LearningState): string | undefined {
  if (before === undefined || before.current.number === after.current.number) return undefined;
  return `profile version ${after.current.number}: ${shownReason(after.current)}`;
}

function source(state: LearningState): string {
  if (state.samples === 0) return "as stated, nothing learned yet";
  return `learned from ${state.samples.toLocaleString("en-US")} ${state.samples === 1 ? "sample" : "samples"}`;
}

function shownReason({ reason }: LearningVersion): string {
  if (reason.kind === "stated") return "as stated";
  if (reason.kind === "restated") return "when another profile was stated";
  if (reason.kind === "learned") return "when enough samples had come";
  const percent = Math.round(100 * reason.change);
  return `after drift of ${percent < 0 ? "−" : "+"}${Math.abs(percent)} %`;
}

/** Date and minute, UTC. A time that no calendar has is shown as its number. */
function shownTime(atMs: number): string {
  return Math.abs(atMs) <= 8.64e15
    ? `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`
    : String(atMs);
}
