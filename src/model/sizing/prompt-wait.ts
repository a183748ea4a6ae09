import { CALIBRATION } from "./calibration.ts";
import type { LaneLoad } from "./load.ts";
import type { ReplicaConstants } from "./replica-constants.ts";

/**
 * What a request waits before its own prompt is computed, given that it does not find the replica idle: what is left of an iteration
 * without prompts where it meets no other prompt (calm), else a mean and a variance.
 */
export interface Wait {
  calm: number;
  calmMs: number;
  meanMs: number;
  varianceMs2: number;
}

/**
 * Residual iteration and prompts before the own one. Two limits: where an iteration takes all prompts that have come (gated service),
 * T' = D + prompts of T; and where prompts take several iterations (M/G/1 with vacations), of service time c·(D/A + β).
 */
export function promptWait(constants: ReplicaConstants, load: LaneLoad, wait: Wait): void {
  if (constants.alone) {
    aloneWait(constants, load, wait);
    return;
  }
  const { lengths, promptTokenMs, lanes } = constants;
  const { ratePerMs: rate, decodeMs, prompts } = load;
  const square = promptTokenMs ** 2 * lengths.computed2;
  const mean = decodeMs / (1 - prompts);
  const spread = (constants.sequenceMs ** 2 * load.sequencesVariance + rate * mean * square) / (1 - prompts ** 2);
  const relative = spread / mean ** 2;
  const seen = mean * (1 + relative);
  const third = (rate * mean * promptTokenMs ** 3 * lengths.computed3) / (1 - prompts ** 3);
  const seen2 = mean ** 2 * (1 + 3 * relative) + third / mean;
  const half = 0.5 / lanes;
  const gated = (half + prompts) * seen;
  const gated2 = (1 / 3 / lanes ** 2 + 2 * half * prompts + prompts ** 2) * seen2 + rate * square * seen;
  const perToken = decodeMs / load.promptBudget + promptTokenMs;
  const full = Math.min(0.999, rate * lengths.computed * perToken);
  const service2 = rate * lengths.computed2 * perToken ** 2;
  const service3 = rate * lengths.computed3 * perToken ** 3;
  const residual = half * (full * perToken * load.promptBudget + (1 - full) * decodeMs);
  const queue = service2 / (2 * (1 - full));
  const cut = residual + queue;
  const cut2 = (residual * residual) / 3 + queue ** 2 + service3 / (3 * (1 - full));
  const x = lengths.computed2 / lengths.computed / load.promptBudget;
  const weight = (x * x) / (1 + x * x);
  const mixed = weight * cut + (1 - weight) * gated;
  const second = mixed ** 2 + weight * cut2 + (1 - weight) * Math.max(0, gated2 - gated ** 2);
  const chunks = lengths.prompts.length > 1 ? constants.chunks : chunksOf(lengths.computed, 0, load.promptBudget);
  wait.calm = 1 - (Math.exp(-rate * mean * chunks) * decodeMs) / mean;
  wait.meanMs = mixed;
  wait.varianceMs2 = second;
  if (lengths.prompts.length > 1) split(wait, load, lanes, CALIBRATION.calm, CALIBRATION.metVariance);
  else split(wait, load, lanes, 1, CALIBRATION.metVarianceFixed);
}

/**
 * Takes the calm part, uniform over an iteration of decoding, out of what `wait` holds: the share of time in iterations with prompts in `calm`,
 * the mean over all, and their second moment in `varianceMs2`. All of a queue is met by those who do not find the replica idle.
 */
function split(wait: Wait, load: LaneLoad, lanes: number, calmFactor: number, varianceFactor: number): void {
  const busy = Math.max(1e-3, 1 - load.idle);
  const iterationMs = load.decodeMs / lanes;
  const calm = calmFactor * Math.max(0, 1 - wait.calm / busy) * Math.exp(-load.ratePerMs * load.decodeMs);
  const mean = iterationMs / 2 + (wait.meanMs - iterationMs / 2) / busy;
  const second = iterationMs ** 2 / 3 + (wait.varianceMs2 - iterationMs ** 2 / 3) / busy;
  const rest = Math.max(1e-6, 1 - calm);
  wait.calm = calm;
  wait.calmMs = iterationMs / 2;
  wait.meanMs = Math.max(iterationMs / 2, (mean - calm * wait.calmMs) / rest);
  const variance = (second - (calm * iterationMs ** 2) / 3) / rest - wait.meanMs ** 2;
  wait.varianceMs2 = Math.max(iterationMs ** 2 / 12, varianceFactor * variance);
}

/** The iteration that an arrival falls into, of decoding or of prompts, and the prompts that come in the same one. */
function aloneWait(constants: ReplicaConstants, load: LaneLoad, wait: Wait): void {
  const { lengths, promptTokenMs, prefillMs, baseMs, lanes } = constants;
  const { ratePerMs: rate, decodeMs, promptIterations: more, promptIterationMs: promptMs } = load;
  const square = promptTokenMs ** 2 * lengths.computed2;
  const spread = prefillMs > 0 ? (Math.max(0, promptMs - baseMs) / prefillMs) * square : 0;
  const first = decodeMs + more * promptMs;
  const second = decodeMs ** 2 + more * (promptMs ** 2 + spread);
  const third = decodeMs ** 3 + more * (promptMs ** 3 + 3 * promptMs * spread);
  const seen = second / first;
  const seen2 = third / first;
  const load1 = rate * prefillMs;
  const half = 0.5 / lanes;
  const mean2 = (1 / 3 / lanes ** 2 + 2 * half * load1 + load1 ** 2) * seen2 + rate * square * seen;
  wait.calm = 1 - decodeMs / first;
  wait.meanMs = (half + load1) * seen;
  wait.varianceMs2 = mean2;
  split(wait, load, lanes, CALIBRATION.calm, CALIBRATION.metVarianceAlone);
}

/** Iterations that a prompt takes; on average over a class of lengths. */
export function chunksOf(tokens: number, variance: number, budget: number): number {
  if (variance === 0) return Math.ceil(tokens / budget - 1e-9);
  return Math.max(1, tokens / budget + 0.5);
}
