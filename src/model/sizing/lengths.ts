import type { LengthMix } from "../../snapshot/continuous-profile.ts";
import { ANSWER_EDGES, type LengthClass, logNormalClasses, PROMPT_EDGES, sampleClasses } from "./length-classes.ts";

/** What the analyzer needs of a length mix, all in tokens. Means are over requests. */
export interface Lengths {
  inputMean: number;
  input2: number;
  /** Prompt tokens that are computed: mean, and means of square and cube. */
  computed: number;
  computed2: number;
  computed3: number;
  /** Decode steps, which are the output tokens after the first: mean and mean of square. */
  steps: number;
  steps2: number;
  /** Share of requests that decode at all. */
  decoding: number;
  /** Sum over the decode steps of the tokens of context, and of their square. */
  context: number;
  context2: number;
  /** Classes of prompts by computed tokens, and of answers by decode steps, ascending. */
  prompts: readonly LengthClass[];
  answers: readonly LengthClass[];
}

const memo = new WeakMap<LengthMix, Lengths>();

/** Remembered by the object: a mix is sized on many profiles. */
export function lengthsOf(mix: LengthMix): Lengths {
  let known = memo.get(mix);
  if (known === undefined) {
    const hit = mix.prefixCacheHitRate ?? 0;
    known = mix.samples === undefined ? drawnLengths(mix, hit) : sampledLengths(mix.samples, hit);
    memo.set(mix, known);
  }
  return known;
}

/** Log-normal lengths, independent of each other; moments by `E[x^k] = mean^k·(1 + variation²)^(k(k−1)/2)`. */
function drawnLengths(mix: LengthMix, hit: number): Lengths {
  const { inputVariation = 0, outputVariation = 0 } = mix;
  const input = Math.max(1, mix.inputTokens);
  const output = Math.max(1, mix.outputTokens);
  const a = 1 + inputVariation ** 2;
  const b = 1 + outputVariation ** 2;
  const [input2, output2, output3] = [input ** 2 * a, output ** 2 * b, output ** 3 * b ** 3];
  const steps = output - 1;
  const steps2 = Math.max(0, output2 - 2 * output + 1);
  const steps3 = Math.max(0, output3 - 3 * output2 + 3 * output - 1);
  const share = 1 - hit;
  const prompts = logNormalClasses(input * share, inputVariation, PROMPT_EDGES);
  const answers = logNormalClasses(output, outputVariation, ANSWER_EDGES).map((node) => ({
    ...node,
    tokens: node.tokens - 1,
  }));
  return {
    inputMean: input,
    input2,
    computed: Math.max(1, input * share),
    computed2: Math.max(1, input2 * share ** 2),
    computed3: Math.max(1, input ** 3 * a ** 3 * share ** 3),
    steps,
    steps2,
    decoding: answers.reduce((sum, node) => sum + (node.tokens >= 0.5 ? node.weight : 0), 0),
    context: steps * input + (steps2 + steps) / 2,
    context2: steps * input2 + input * (steps2 + steps) + (2 * steps3 + 3 * steps2 + steps) / 6,
    prompts: prompts.map((node) => ({ ...node, tokens: Math.max(1, node.tokens), other: steps })),
    answers: answers.map((node) => ({ ...node, tokens: Math.max(0, node.tokens), other: Math.max(1, input * share) })),
  };
}

function sampledLengths(samples: readonly (readonly [number, number])[], hit: number): Lengths {
  const sum = { inputMean: 0, input2: 0, computed: 0, computed2: 0, computed3: 0, steps: 0, steps2: 0, decoding: 0 };
  let context = 0;
  let context2 = 0;
  const weight = 1 / samples.length;
  const prompts: [number, number][] = [];
  const answers: [number, number][] = [];
  for (const [input, output] of samples) {
    const computed = Math.max(1, input * (1 - hit));
    const steps = Math.max(0, output - 1);
    sum.inputMean += weight * input;
    sum.input2 += weight * input * input;
    sum.computed += weight * computed;
    sum.computed2 += weight * computed ** 2;
    sum.computed3 += weight * computed ** 3;
    sum.steps += weight * steps;
    sum.steps2 += weight * steps ** 2;
    if (steps >= 0.5) sum.decoding += weight;
    context += weight * steps * (input + (steps + 1) / 2);
    context2 += weight * steps * (input ** 2 + input * (steps + 1) + ((steps + 1) * (2 * steps + 1)) / 6);
    prompts.push([computed, steps]);
    answers.push([steps, computed]);
  }
  return {
    ...sum,
    context,
    context2,
    prompts: sampleClasses(prompts, PROMPT_EDGES),
    answers: sampleClasses(answers, ANSWER_EDGES),
  };
}
