import { MAX_RATE } from "../../snapshot/limits.ts";
import { CALIBRATION } from "./calibration.ts";
import type { ReplicaConstants } from "./replica-constants.ts";
import { normalTail } from "./tails.ts";

const MS_PER_SECOND = 1000;

/** A lane at a rate: means and variances that the percentiles are made of. Times in ms; reused, so that sizing allocates nothing. */
export interface LaneLoad {
  ratePerMs: number;
  /** Share of the saturation rate. */
  share: number;
  /** Share of an iteration's time that goes to prompts, and to all work but the base. */
  prompts: number;
  busy: number;
  /** Others that decode while a request does: mean and variance. */
  sequences: number;
  sequencesVariance: number;
  /** Mean time between two tokens, over tokens. */
  iterationMs: number;
  /** Iteration without prompts as an arrival finds it: mean. */
  decodeMs: number;
  /**
   * Prompts that a token meets, on average: those that came in the iteration before it, and, for the first one of an answer, those that came
   * while its own prompt was computed.
   */
  met: number;
  /** Those of a step alone, and those that a request meets however long its answer is. */
  perStep: number;
  metFirst: number;
  /** Chance that an arrival finds nothing on its way. */
  idle: number;
  /** Tokens that an iteration can spend on prompts. */
  promptBudget: number;
  /** Chance to wait for a place in the batch or in the KV cache, and the mean of that wait. */
  waiting: number;
  placeWaitMs: number;
  /** Chance to be turned away. */
  rejected: number;
  /** Without chunks: iterations of prompts alone after one of decoding, and the mean time of one. */
  promptIterations: number;
  promptIterationMs: number;
}

export function emptyLoad(): LaneLoad {
  return {
    ratePerMs: 0,
    share: 0,
    prompts: 0,
    busy: 0,
    sequences: 0,
    sequencesVariance: 0,
    iterationMs: 0,
    decodeMs: 0,
    met: 0,
    perStep: 0,
    metFirst: 0,
    idle: 1,
    promptBudget: 1,
    waiting: 0,
    placeWaitMs: 0,
    rejected: 0,
    promptIterations: 0,
    promptIterationMs: 0,
  };
}

/**
 * The highest rate of a lane, per ms, at which its queue does not grow: by the places, or by the tokens of an iteration, whichever is
 * less. By places it is the root of `λ·(d·T + P) = places`, with T = D/(1 − λ·w_p) the time between tokens and P that of a prompt.
 */
export function saturationRate(constants: ReplicaConstants): number {
  const { lengths, places, budget, baseMs, sequenceMs, prefillMs, chunks, steps, alone } = constants;
  const computed = constants.role === "decode" ? 0 : lengths.computed;
  // Nothing to do, as in a decode replica whose answers end with the first token.
  if (steps + chunks <= 0) return MAX_RATE / MS_PER_SECOND;
  const byBudget = budget / (baseMs * (computed + steps) + budget * (prefillMs + steps * sequenceMs));
  if (places === Number.POSITIVE_INFINITY) return byBudget;
  const crossed = alone ? 1 : 1 + (constants.lanes - 1) * constants.crossedFull;
  const work = prefillMs * crossed + (alone ? baseMs / promptsTogether(constants) : 0);
  let rate = 0;
  let decoding = (places * steps) / (steps + chunks);
  for (let i = 0; i < 3; i++) {
    const iterationMs = baseMs + sequenceMs * decoding;
    const promptMs = prefillMs + chunks * (alone ? baseMs : iterationMs);
    const b = steps * iterationMs + promptMs + places * work;
    const a = promptMs * work;
    rate = (2 * places) / (b + Math.sqrt(Math.max(0, b * b - 4 * a * places)));
    decoding = Math.max(0, places - rate * promptMs);
  }
  return alone && steps > 0 ? rate : Math.min(rate, byBudget);
}

/** Prompts of one iteration of prompts alone, when places become free one by one. */
function promptsTogether({ budget, lengths, places, steps }: ReplicaConstants): number {
  const freed = places / Math.max(1, steps);
  return Math.max(1, Math.min(budget / lengths.computed, freed / -Math.expm1(-freed)));
}

/**
 * Fills in `load` for `ratePerMs`, below the saturation rate. With n sequences an iteration takes T(n) = (base + κ·n)/(1 − λ·w_p), the
 * prompts that come meanwhile included; a request needs d of them. That is a birth–death process with rates λ and n/(d·T(n)), whatever the
 * distribution of lengths (processor sharing, Kelly 1979), and for linear T its states are negative binomial: r = base/κ + 1,
 * ρ = λ·d·κ/(1 − λ·w_p). Hence the mean iteration that a request sees, (base + κ)/(1 − λ·w).
 */
export function laneLoad(constants: ReplicaConstants, ratePerMs: number, saturation: number, load: LaneLoad): void {
  const { baseMs, sequenceMs, prefillMs, chunks, steps, places, lanes, alone, lengths } = constants;
  load.ratePerMs = ratePerMs;
  load.share = Math.min(0.9999, ratePerMs / saturation);
  // A prompt holds up the lanes behind it, too, unless they have prompts of their own.
  const crossed = alone ? 1 : 1 + (lanes - 1) * (1 - load.share ** 4 * (1 - constants.crossedFull));
  let prompts = Math.min(0.999, ratePerMs * prefillMs * crossed);
  const promptMs = prefillMs + chunks * baseMs;
  const most = steps > 0 ? Math.max(0.5 * places * (steps / (steps + chunks)), places - saturation * promptMs) : 0;
  const mostMs = steps > 0 ? most / (saturation * steps) : Number.POSITIVE_INFINITY;
  const left = Math.max(1e-4, 1 - prompts - ratePerMs * steps * sequenceMs);
  let iterationMs = (baseMs + sequenceMs) / left;
  let beforeMs = 0;
  if (steps > 0 && prefillMs > 0 && !alone) {
    // Prompts that came while the own one was computed: the first tokens of an answer meet them.
    const sequences = Math.min(most, ratePerMs * steps * iterationMs);
    const decodeMs = baseMs + sequenceMs * sequences;
    const perTokenMs = decodeMs / Math.max(1, constants.budget - sequences) + constants.promptTokenMs;
    const cut = lengths.computed2 / lengths.computed / constants.budget;
    const queueMs =
      (ratePerMs * lengths.computed2 * perTokenMs ** 2) /
      (2 * Math.max(0.02, 1 - ratePerMs * lengths.computed * perTokenMs));
    const behindMs = (CALIBRATION.behind * queueMs * cut * cut) / (1 + cut * cut);
    const ownMs = chunks * decodeMs + prefillMs;
    // While long prompts are computed nobody joins, and sequences leave.
    const chunked = lengths.computed / constants.budget;
    const partly = (chunked * chunked) / (1 + chunked * chunked);
    const leaving = (partly * ownMs * lengths.computed2) / lengths.computed ** 2 + 2 * behindMs;
    beforeMs = (ownMs + behindMs) / (1 + (CALIBRATION.leaving * leaving) / (steps * iterationMs)) / steps;
    iterationMs += (ratePerMs * prefillMs * crossed * beforeMs) / left;
  }
  if (alone) {
    iterationMs = aloneIteration(constants, load);
    prompts = Math.max(0, 1 - (baseMs + sequenceMs * (1 + load.sequences)) / iterationMs);
  }
  iterationMs = Math.min(iterationMs, Math.max(mostMs, baseMs + sequenceMs));
  if (!alone) {
    // No iteration computes more prompt tokens than the budget.
    const fullMs = baseMs + sequenceMs * (1 + Math.min(most, ratePerMs * steps * iterationMs));
    iterationMs = Math.min(iterationMs, fullMs + constants.promptTokenMs * constants.budget * crossed);
  }
  load.metFirst = ratePerMs * (alone ? load.promptIterationMs : beforeMs * steps);
  load.perStep = ratePerMs * iterationMs * lanes;
  load.met = load.perStep + load.metFirst / Math.max(1, steps);
  const decode = ratePerMs * steps * sequenceMs;
  const rho = Math.min(0.9999, decode / (1 - prompts));
  load.prompts = prompts;
  load.busy = Math.min(0.9999, prompts + decode);
  load.iterationMs = iterationMs;
  load.sequences = Math.min(most, ratePerMs * steps * iterationMs);
  load.sequencesVariance = load.sequences / (1 - rho);
  load.decodeMs = baseMs + sequenceMs * load.sequences;
  const logEmpty =
    sequenceMs > 1e-9 * baseMs
      ? (baseMs / sequenceMs + 1) * Math.log1p(-rho)
      : -(ratePerMs * steps * baseMs) / (1 - prompts);
  load.idle = Math.exp(logEmpty) * Math.max(0, 1 - ratePerMs * (chunks * baseMs + prefillMs));
  load.promptBudget = alone ? constants.budget : Math.max(1, constants.budget - load.sequences);
  placeWait(constants, saturation, load);
}

/**
 * Prompts alone before any decoding: after an iteration of time L one of prompts follows with probability 1 − e^(−λL), after that another
 * with the same law. The mean time between two tokens is the fixed point.
 */
function aloneIteration(constants: ReplicaConstants, load: LaneLoad): number {
  const { baseMs, sequenceMs, prefillMs, steps } = constants;
  const { ratePerMs } = load;
  let together = 1;
  let sequences = 0;
  let iterationMs = baseMs + sequenceMs;
  for (let i = 0; i < 12; i++) {
    const decodeMs = baseMs + sequenceMs * (1 + sequences);
    const promptMs = baseMs + together * prefillMs;
    const more = -Math.expm1(-ratePerMs * decodeMs);
    const again = Math.exp(-ratePerMs * promptMs);
    const iterations = more / Math.max(again, 1e-3);
    // After the own prompt, too, others follow that came meanwhile.
    const first = ((1 / Math.max(again, 1e-3) - 1) * promptMs) / Math.max(1, steps);
    iterationMs = decodeMs + iterations * promptMs;
    together = Math.max(1, (ratePerMs * iterationMs) / iterations);
    iterationMs += first;
    const next = Math.min(constants.places, ratePerMs * steps * iterationMs);
    load.promptIterations = iterations;
    load.promptIterationMs = promptMs;
    const done = Math.abs(next - sequences) < 1e-3 * (next + 0.01);
    sequences = next;
    if (done) break;
  }
  load.sequences = sequences;
  return iterationMs;
}

/** Waiting for a place: states at and beyond the limit fall off geometrically, so the wait is exponential (M/M/c, G/G/c after Whitt 1993). */
function placeWait(constants: ReplicaConstants, saturation: number, load: LaneLoad): void {
  const { places, maxQueue, lengths, heldVariation, kvPlaces, chunks, steps } = constants;
  load.waiting = 0;
  load.placeWaitMs = 0;
  load.rejected = 0;
  if (places === Number.POSITIVE_INFINITY) return;
  const mean = load.ratePerMs * (steps + chunks) * load.iterationMs;
  let variance = CALIBRATION.placeSpread * (load.sequencesVariance + (mean - load.sequences));
  if (kvPlaces <= places * 1.0001) variance += CALIBRATION.heldSpread * mean * heldVariation ** 2;
  const deviation = Math.sqrt(Math.max(variance, 1e-9));
  const z = (places - 0.5 - mean) / deviation;
  const density = (0.3989422804014327 * Math.exp(-0.5 * z * z)) / deviation;
  const beyond = density / (1 - load.share);
  load.waiting = beyond / (beyond + normalTail(-z));
  load.sequencesVariance *= 1 - load.waiting;
  const variation = steps > 0 ? Math.max(0, lengths.steps2 / lengths.steps ** 2 - 1) : 0;
  load.placeWaitMs = (CALIBRATION.placeWait * 0.5 * (1 + Math.min(variation, 4))) / (saturation * (1 - load.share));
  load.rejected = maxQueue === Number.POSITIVE_INFINITY ? 0 : load.waiting * load.share ** maxQueue * (1 - load.share);
}
