import { expect, test } from "vitest";
import { frozen } from "../../../src/model/learning/freeze.ts";
import { observeIteration } from "../../../src/model/learning/iteration.ts";
import { parseLearning } from "../../../src/model/learning/parse-learning.ts";
import { statedTimes } from "../../../src/model/learning/stated.ts";
import type { IterationTimes, LearningState } from "../../../src/model/learning/types.ts";
import { START_MS, STATED, variedSamples } from "./samples.ts";

const TRUTH: IterationTimes = [14, 0.3, 0.05, 0.00005];

function learned(): LearningState {
  let state: LearningState | undefined;
  for (const sample of variedSamples(TRUTH, 2_000, { noise: 0.1 })) {
    state = observeIteration(state, sample, statedTimes(STATED));
  }
  return frozen(state!, START_MS, "benchmark");
}

test("what was written is read, and is small", () => {
  const text = JSON.stringify(learned());
  expect(parseLearning(JSON.parse(text))).toEqual(learned());
  expect(text.length).toBeLessThan(1_000);
});

test("learning goes on the same from the file as from memory", () => {
  let state: LearningState | undefined = learned();
  state = { ...state, frozen: undefined };
  let read = parseLearning(JSON.parse(JSON.stringify(state)));
  for (const sample of variedSamples(TRUTH, 20, { seed: 8, from: 2_000 })) {
    state = observeIteration(state, sample, statedTimes(STATED));
    read = observeIteration(read, sample, statedTimes(STATED));
  }
  expect(JSON.stringify(read)).toBe(JSON.stringify(state));
});

test.each([
  ["another version", { version: 2 }],
  ["no stated times", { stated: undefined }],
  ["a deviation of 0", { stated: { times: [1, 1, 1, 1], deviations: [1, 1, 0, 1] } }],
  ["a negative time", { stated: { times: [1, -1, 1, 1], deviations: [1, 1, 1, 1] } }],
  ["a short matrix", { information: [1, 0, 1] }],
  ["a matrix that is not positive definite", { information: [1, 2, 1, 0, 0, 1, 0, 0, 0, 1] }],
  ["not a number", { weighted: [0, Number.NaN, 0, 0] }],
  ["no noise", { noise: { itl: 0, ttft: 1 } }],
  ["half a sample", { samples: 1.5 }],
  ["an unknown reason", { current: { number: 1, sinceMs: 0, reason: { kind: "guessed" } } }],
  ["a drift without change", { current: { number: 1, sinceMs: 0, reason: { kind: "drift" } } }],
  ["a run without evidence", { up: { samples: 1, change: 0 } }],
  ["frozen without reason", { frozen: { atMs: 1 } }],
])("%s: not read", (_, changes) => {
  expect(parseLearning({ ...learned(), ...changes })).toBeUndefined();
});

test.each([undefined, null, 3, "state", []])("%s: not read", (data) => {
  expect(parseLearning(data)).toBeUndefined();
});
