import { emptyLearning, observeIteration } from "../model/learning/iteration.ts";
import { parseLearning } from "../model/learning/parse-learning.ts";
import { parseSaturation } from "../model/learning/parse-saturation.ts";
import { observeSaturation } from "../model/learning/saturation.ts";
import { statedTimes } from "../model/learning/stated.ts";
import { variantMemory } from "../model/replicas/observe.ts";
import type { ReplicaStates } from "../model/replicas/types.ts";
import { reportedDemands, servingOf } from "../plan/demand/demands.ts";
import { aheadOf, observedDemand } from "../plan/demand/forecasted.ts";
import { iterationSamples, saturationSamples } from "../plan/signals-to-samples.ts";
import type { WorkloadSignals } from "../snapshot/signals.ts";
import type { Memory, VariantMemory } from "../snapshot/world/memory.ts";
import type { World, WorldVariant } from "../snapshot/world/types.ts";

/** Signals are means over a minute: looked at more often, one minute would count several times. */
const LEAST_BETWEEN_MS = 30_000;

/** The world whose memory holds what demand and signals of this moment teach. */
export function learnedWorld(world: World, states: ReplicaStates): World {
  return { ...world, memory: { ...world.memory, ...learnedDemands(world, states), variants: learnedVariants(world) } };
}

/** Of present workloads alone; of those whose class plans ahead the demand, of all the time when they were last asked. */
function learnedDemands(world: World, states: ReplicaStates): Pick<Memory, "demands" | "askedAtMs"> {
  const demands: Record<string, unknown> = {};
  const askedAtMs: Record<string, number> = {};
  for (const [workload, { variants, reported }] of reportedDemands(world)) {
    const before = world.memory.askedAtMs?.[workload];
    const asked = reported.known !== "none" && reported.perSecond > 0 ? world.takenAtMs : before;
    if (asked !== undefined && variants.some(({ scaleToZero }) => scaleToZero !== undefined))
      askedAtMs[workload] = asked;
    const ahead = servingOf(variants).kind === "llm" ? aheadOf(world, states, variants) : undefined;
    if (ahead === undefined) continue;
    const state = world.memory.demands?.[workload];
    const seen = { atMs: world.takenAtMs, ratePerSecond: reported.perSecond };
    // What is known in part would teach a demand that is too low.
    const next = reported.known === "all" ? observedDemand(state, seen, ahead) : state;
    if (next !== undefined) demands[workload] = next;
  }
  return {
    ...(Object.keys(demands).length === 0 ? { demands: undefined } : { demands }),
    ...(Object.keys(askedAtMs).length === 0 ? { askedAtMs: undefined } : { askedAtMs }),
  };
}

function learnedVariants(world: World): Record<string, VariantMemory> {
  if (world.signals === undefined) return world.memory.variants;
  const signals = new Map(world.signals.map((own) => [own.workload, own]));
  const next = { ...world.memory.variants };
  for (const variant of world.variants) {
    const own = signals.get(variant.workload);
    if (own === undefined || variant.learning === "off" || variant.learning === "frozen") continue;
    if (variant.capacityPerSecond !== undefined) continue;
    const learned = learnedVariant(world, variant, own);
    if (learned !== undefined) next[variant.key] = { ...variantMemory(world, variant.key), ...learned };
  }
  return next;
}

function learnedVariant(
  world: World,
  variant: WorldVariant,
  signals: WorkloadSignals,
): Pick<VariantMemory, "learned" | "saturation"> | undefined {
  const memory = variantMemory(world, variant.key);
  const { profile } = variant;
  if (profile === undefined) {
    const before = parseSaturation(memory.saturation);
    if (before !== undefined && Math.abs(world.takenAtMs - before.lastAtMs) < LEAST_BETWEEN_MS) return undefined;
    const after = saturationSamples(world, variant, signals).reduce<typeof before>(
      (state, sample) => observeSaturation(state, sample),
      before,
    );
    return after === undefined ? undefined : { saturation: after };
  }
  if (profile.dialect !== "continuous") return undefined;
  const stated = statedTimes(profile);
  const before = parseLearning(memory.learned) ?? emptyLearning(stated, 0);
  if (Math.abs(world.takenAtMs - before.lastAtMs) < LEAST_BETWEEN_MS) return undefined;
  const samples = iterationSamples(world, variant, signals);
  const options = { maxBatchedTokens: profile.maxBatchedTokens };
  const after = samples.reduce((state, sample) => observeIteration(state, sample, stated, options), before);
  return samples.length === 0 ? undefined : { learned: after };
}
