import { CALIBRATION } from "./calibration.ts";
import type { LaneLoad } from "./load.ts";
import { chunksOf, promptWait, type Wait } from "./prompt-wait.ts";
import type { ReplicaConstants } from "./replica-constants.ts";
import { gammaTail, logNormalTail, uniformTail } from "./tails.ts";

/** Parts that no percentile up to 0.99 notices. */
const NEGLIGIBLE = 1e-4;

const wait: Wait = { calm: 0, calmMs: 0, meanMs: 0, varianceMs2: 0 };

/** A gamma variable, and with probability `load.waiting` an exponential wait for a place besides. */
function delayedTail(load: LaneLoad, mean: number, variance: number, x: number): number {
  const { placeWaitMs, waiting } = load;
  const prompt = gammaTail(mean, variance, x);
  if (waiting < 1e-6) return prompt;
  return (1 - waiting) * prompt + waiting * gammaTail(mean + placeWaitMs, variance + placeWaitMs ** 2, x);
}

/** P(TTFT > x ms). */
export function ttftTail(constants: ReplicaConstants, load: LaneLoad, x: number): number {
  const { lengths, baseMs, promptTokenMs, transferMs, alone } = constants;
  promptWait(constants, load, wait);
  const spread = alone ? 0 : constants.sequenceMs ** 2 * load.sequencesVariance;
  const at = x - (constants.role === "prefill" ? transferMs : 0);
  const iteration = alone ? baseMs : load.decodeMs;
  const calmShare = (1 - load.idle) * wait.calm;
  const metShare = (1 - load.idle) * (1 - wait.calm);
  const varies = lengths.prompts.length > 1;
  let tail = 0;
  for (let i = 0; i < lengths.prompts.length; i++) {
    const prompt = lengths.prompts[i]!;
    const chunks = alone ? 1 : chunksOf(prompt.tokens, prompt.variance, load.promptBudget);
    const least = chunks * baseMs + promptTokenMs * prompt.tokens;
    const own = chunks * iteration + promptTokenMs * prompt.tokens - least;
    const perToken = promptTokenMs + (chunks > 1 ? load.decodeMs / load.promptBudget : 0);
    const within = prompt.variance * perToken ** 2;
    const other = chunks ** 2 * spread + within;
    if (load.idle > NEGLIGIBLE) tail += prompt.weight * load.idle * gammaTail(least, within, at);
    if (calmShare > NEGLIGIBLE)
      tail += prompt.weight * calmShare * uniformTail(2 * wait.calmMs, Math.sqrt(other), at - least - own);
    if (!varies) {
      // One prompt of this length is met at any point of it, until more are met together.
      const one = Math.max(0, 1 - 2 * load.share) ** 2;
      const width = Math.min(2 * wait.meanMs, Math.sqrt(12 * wait.varianceMs2));
      const from = at - least - own - wait.meanMs + width / 2;
      tail += metShare * one * uniformTail(width, Math.sqrt(other), from);
      tail += metShare * (1 - one) * gammaTail(wait.meanMs + own, wait.varianceMs2 + other, at - least);
    }
  }
  const chunks = alone ? 1 : chunksOf(lengths.computed, 1, load.promptBudget);
  const perToken = promptTokenMs + (chunks > 1 ? load.decodeMs / load.promptBudget : 0);
  const mean = wait.meanMs + 0.1 * iteration + (chunks - 1) * iteration + promptTokenMs * lengths.computed;
  const variance = wait.varianceMs2 + Math.max(0, lengths.computed2 - lengths.computed ** 2) * perToken ** 2 + spread;
  // Where prompts vary and one meets others, their sum is about log-normal, too.
  if (varies) tail += metShare * logNormalTail(mean, variance, at - 0.9 * iteration);
  if (load.waiting > 1e-6) {
    const late = gammaTail(mean + load.placeWaitMs, variance + load.placeWaitMs ** 2, at - 0.9 * iteration);
    tail = (1 - load.waiting) * tail + load.waiting * late;
  }
  return load.rejected + (1 - load.rejected) * tail;
}

/** P(time between two tokens of a request > x ms), over tokens. */
export function itlTail(constants: ReplicaConstants, load: LaneLoad, x: number): number {
  const { baseMs, sequenceMs, contextDeviationMs } = constants;
  const bare = sequenceMs * (1 + load.sequences);
  const spread = sequenceMs ** 2 * load.sequencesVariance + (1 + load.sequences) * contextDeviationMs ** 2;
  const at = x - baseMs;
  const undisturbed = gammaTail(bare, spread, at);
  if (constants.role === "decode") return firstGapTail(constants, load, x, undisturbed);
  if (constants.prefillMs === 0) return undisturbed;
  return constants.alone
    ? aloneItlTail(constants, load, bare, spread, at, undisturbed)
    : chunkedItlTail(constants, load, bare, spread, at, undisturbed);
}

/** The first gap in a decode replica holds the wait for an iteration and for a place. */
function firstGapTail(constants: ReplicaConstants, load: LaneLoad, x: number, undisturbed: number): number {
  const { steps, baseMs, sequenceMs, lanes } = constants;
  const share = 1 / Math.max(1, steps);
  const mean = (1 + 0.5 / lanes) * load.iterationMs;
  const variance = load.iterationMs ** 2 / 12 / lanes ** 2 + sequenceMs ** 2 * load.sequencesVariance;
  const first =
    load.idle * (x < baseMs + sequenceMs ? 1 : 0) +
    (1 - load.idle) * delayedTail(load, mean - baseMs, variance, x - baseMs);
  return share * first + (1 - share) * undisturbed;
}

function chunkedItlTail(
  constants: ReplicaConstants,
  load: LaneLoad,
  bare: number,
  spread: number,
  at: number,
  undisturbed: number,
): number {
  const { lengths, promptTokenMs } = constants;
  const perIteration = load.met;
  let tail = 0;
  let exposed = 0;
  const single = Math.exp(-perIteration);
  for (let i = 0; i < lengths.prompts.length; i++) {
    const { tokens, variance, weight } = lengths.prompts[i]!;
    const whole = Math.floor(tokens / load.promptBudget);
    const rest = tokens - whole * load.promptBudget;
    const share = perIteration * weight * single;
    if (whole > 0) {
      const full = Math.min(1, perIteration * weight * whole);
      tail += full * gammaTail(bare + promptTokenMs * load.promptBudget, spread, at);
      exposed += full;
    }
    const inside = Math.min(variance, load.promptBudget ** 2 / 12);
    tail += share * gammaTail(bare + promptTokenMs * rest, spread + inside * promptTokenMs ** 2, at);
    exposed += share;
  }
  let chance = single * perIteration;
  const variance = Math.max(0, lengths.computed2 - lengths.computed ** 2) * promptTokenMs ** 2;
  for (let together = 2; together <= 5; together++) {
    chance *= perIteration / together;
    const work = Math.min(together * lengths.computed, load.promptBudget) * promptTokenMs;
    tail += chance * gammaTail(bare + work, spread + together * variance, at);
    exposed += chance;
  }
  if (exposed >= 1) return tail / exposed;
  const clear = single;
  const rest = 1 - exposed - clear;
  if (rest < 1e-6) return tail + (1 - exposed) * undisturbed;
  const many = Math.max(6, perIteration);
  const work = Math.min(many * lengths.computed, load.promptBudget) * promptTokenMs;
  return tail + clear * undisturbed + rest * gammaTail(bare + work, spread + many * variance, at);
}

/** After an iteration of decoding: none of prompts, one with a single prompt, or more. */
function aloneItlTail(
  constants: ReplicaConstants,
  load: LaneLoad,
  bare: number,
  spread: number,
  at: number,
  undisturbed: number,
): number {
  const { lengths, promptTokenMs, baseMs, prefillMs, steps } = constants;
  const { ratePerMs: rate, promptIterationMs } = load;
  const first = 1 / Math.max(1, steps);
  const arrivals = rate * ((1 - first) * (baseMs + bare) + first * promptIterationMs);
  const none = Math.exp(-arrivals);
  const promptIterations = -Math.expm1(-arrivals) * Math.exp(Math.min(5, rate * promptIterationMs));
  const single = arrivals * none * Math.exp(-rate * (baseMs + prefillMs));
  let tail = none * undisturbed;
  for (let i = 0; i < lengths.prompts.length; i++) {
    const { tokens, variance, weight } = lengths.prompts[i]!;
    const mean = bare + baseMs + promptTokenMs * tokens;
    tail += single * weight * gammaTail(mean, spread + variance * promptTokenMs ** 2, at);
  }
  const rest = 1 - none - single;
  if (rest < 1e-9) return tail;
  const stall = (promptIterations * promptIterationMs - single * (baseMs + prefillMs)) / rest;
  return tail + rest * gammaTail(bare + stall, spread + (0.45 * stall) ** 2, at);
}

/** Variance of the mean of so many iterations that comes from the sequences beside: it changes slowly. */
function slowVariance(constants: ReplicaConstants, load: LaneLoad, steps: number): number {
  const { lengths, sequenceMs, contextDeviationMs } = constants;
  const relative = (steps * (1 - load.busy)) / (lengths.steps2 / Math.max(lengths.steps, 1e-9));
  const together = relative < 1e-3 ? 1 : (2 * (relative - 1 + Math.exp(-relative))) / relative ** 2;
  const amplified = 1 / (1 - load.prompts) ** 2;
  const held = (1 + load.sequences) * contextDeviationMs ** 2;
  return CALIBRATION.slowVariance * (sequenceMs ** 2 * load.sequencesVariance + held) * amplified * together;
}

/** Prompts that an answer of so many steps meets, on average. */
function meets(load: LaneLoad, steps: number): number {
  return load.perStep * steps + load.metFirst;
}

/** And that which comes from prompts, one by one. */
function fastVariance(constants: ReplicaConstants, load: LaneLoad, steps: number): number {
  const { lengths, promptTokenMs, alone, baseMs, role } = constants;
  if (role === "decode") return 0;
  const extra = alone ? baseMs * (baseMs + 2 * constants.prefillMs) : 0;
  const amplified = 1 / (1 - load.prompts) ** 2;
  const fast = meets(load, steps) * (promptTokenMs ** 2 * lengths.computed2 + extra) * amplified;
  return (CALIBRATION.promptVariance * (1 - 0.7 * load.waiting) * fast) / steps ** 2;
}

function meanVariance(constants: ReplicaConstants, load: LaneLoad, steps: number): number {
  return slowVariance(constants, load, steps) + fastVariance(constants, load, steps);
}

/** P(mean time between tokens > x) of answers of so many steps, by the number of prompts that they meet: none, one, or more. */
function meetingTail(constants: ReplicaConstants, load: LaneLoad, steps: number, x: number): number {
  const { lengths, baseMs, sequenceMs, promptTokenMs, alone } = constants;
  const least = baseMs + sequenceMs;
  const slow = slowVariance(constants, load, steps);
  const met = meets(load, steps);
  const stallMs = load.met * (constants.prefillMs + (alone ? baseMs : 0));
  const clearMs = Math.max(least, load.iterationMs - stallMs);
  const most = alone ? Number.POSITIVE_INFINITY : promptTokenMs * load.promptBudget;
  if (x > clearMs + most + 3 * Math.sqrt(slow)) return 0;
  // Those that came while the own prompt was computed are geometric: that time is about exponential.
  const none = Math.exp(-load.perStep * steps) / (1 + load.metFirst);
  const one = none * (load.perStep * steps + load.metFirst / (1 + load.metFirst));
  const more = 1 - none - one;
  const clear = gammaTail(clearMs - least, slow, x - least);
  const work = (constants.prefillMs + (alone ? baseMs : 0)) / steps;
  const variance = (Math.max(0, lengths.computed2 - lengths.computed ** 2) * promptTokenMs ** 2) / steps ** 2;
  const single = stalledTail(clearMs, Math.min(work, most), slow, variance, x);
  if (more < 1e-6) return none * clear + one * single;
  const total = clearMs + ((met - one) * work) / more;
  // How many came while the own prompt was computed varies as that time does.
  const fast = Math.max(
    2 * variance,
    fastVariance(constants, load, steps) + CALIBRATION.firstVariance * (load.metFirst * work) ** 2,
  );
  return none * clear + one * single + more * stalledTail(clearMs, Math.min(total - clearMs, most), slow, fast, x);
}

/** A stall of this mean and variance beside what varies slowly. */
function stalledTail(clearMs: number, stallMs: number, slow: number, variance: number, x: number): number {
  const shift = clearMs - 2 * Math.sqrt(slow);
  return logNormalTail(clearMs + stallMs - shift, slow + variance, x - shift);
}

/** P(mean time between the tokens of a request > x ms), over requests that have more than one. */
export function tpotTail(constants: ReplicaConstants, load: LaneLoad, x: number): number {
  const { lengths, baseMs, sequenceMs, role, lanes } = constants;
  const least = baseMs + sequenceMs;
  const mean = load.iterationMs - least;
  let tail = 0;
  let share = 0;
  for (let i = 0; i < lengths.answers.length; i++) {
    const { weight, tokens } = lengths.answers[i]!;
    if (tokens < 0.5) continue;
    share += weight;
    if (role !== "decode") tail += weight * meetingTail(constants, load, tokens, x);
    else {
      const variance = slowVariance(constants, load, tokens);
      const before = ((1 - load.idle) * load.iterationMs) / (2 * lanes);
      const total = mean * tokens + before;
      const residual = ((1 - load.idle) * load.iterationMs ** 2) / 12 / lanes ** 2;
      tail += weight * delayedTail(load, total, variance * tokens ** 2 + residual, (x - least) * tokens);
    }
  }
  return share > 0 ? tail / share : 0;
}

/** P(time to the last token > x ms). */
export function endToEndTail(constants: ReplicaConstants, load: LaneLoad, x: number): number {
  const { lengths, baseMs, sequenceMs, promptTokenMs, role, alone, lanes } = constants;
  promptWait(constants, load, wait);
  const decodeOnly = role === "decode";
  const busy = 1 - load.idle;
  const prompts = wait.calm * wait.calmMs + (1 - wait.calm) * wait.meanMs;
  const before = busy * (decodeOnly ? load.iterationMs / (2 * lanes) : prompts);
  const variance = decodeOnly ? load.iterationMs ** 2 / 12 / lanes ** 2 : (1 - wait.calm) * wait.varianceMs2;
  const prompt = decodeOnly ? 0 : Math.max(0, lengths.computed2 - lengths.computed ** 2) * promptTokenMs ** 2;
  const iteration = alone ? baseMs : busy * load.decodeMs + (1 - busy) * baseMs;
  // What is met while the own prompt is computed delays an answer once, however long it is.
  const first = decodeOnly
    ? 0
    : Math.min(load.metFirst * constants.prefillMs, 0.5 * load.iterationMs * constants.steps);
  const perTokenMs = load.iterationMs - first / Math.max(1, constants.steps);
  let tail = 0;
  for (let i = 0; i < lengths.answers.length; i++) {
    const { weight, tokens, variance: inside, other } = lengths.answers[i]!;
    const chunks = decodeOnly ? 0 : alone ? 1 : chunksOf(other, 1, load.promptBudget);
    const work = decodeOnly ? 0 : promptTokenMs * other;
    const least = chunks * baseMs + work + tokens * (baseMs + sequenceMs);
    const own = chunks * iteration + work + first + tokens * perTokenMs - least;
    const spread = tokens ** 2 * meanVariance(constants, load, tokens) + inside * load.iterationMs ** 2 + prompt;
    tail += weight * delayedTail(load, before + own, variance + spread, x - least);
  }
  return load.rejected + (1 - load.rejected) * tail;
}
