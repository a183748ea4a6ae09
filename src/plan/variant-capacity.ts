import type { Note } from "../domain/reason-codes.ts";
import { capacityInsideSlo } from "../model/capacity.ts";
import { learnedProfile } from "../model/learning/learned-profile.ts";
import { parseLearning } from "../model/learning/parse-learning.ts";
import { parseSaturation } from "../model/learning/parse-saturation.ts";
import { capacityFromSaturation } from "../model/learning/saturation-capacity.ts";
import { variantMemory } from "../model/replicas/observe.ts";
import type { PerformanceProfile, SloTargets } from "../snapshot/profile.ts";
import type { World, WorldServiceClass, WorldVariant } from "../snapshot/world/types.ts";
import { rateText } from "./demand/sentences.ts";
import type { Demand } from "./demand/types.ts";

export type VariantCapacity =
  | { ok: true; perSecond: number; basis: string }
  | { ok: false; code: Note["code"]; reason: string };

export interface CapacityQuestion {
  variant: WorldVariant;
  serviceClass: WorldServiceClass;
  demand: Demand | undefined;
}

export type CapacityOf = (world: World, question: CapacityQuestion) => VariantCapacity;

/**
 * What one replica of a variant serves inside the targets of its class. In this order: by its kind of serving; as stated; from
 * its profile, with what was learned of it; from the load at which its replicas were saturated.
 */
export function capacityOf(world: World, question: CapacityQuestion): VariantCapacity {
  const { variant, demand } = question;
  if (demand !== undefined && isOtherKind(variant, demand)) return servedCapacity(variant, demand);
  if (variant.capacityPerSecond !== undefined) {
    const perSecond = variant.capacityPerSecond;
    return { ok: true, perSecond, basis: `one replica is stated to hold ${rateText(perSecond)}` };
  }
  return variant.profile === undefined ? saturationCapacity(world, variant) : profiledCapacity(world, question);
}

function isOtherKind({ serving }: WorldVariant, { capacities, unit }: Demand): boolean {
  return capacities !== undefined || unit !== "requests" || (serving !== undefined && serving.kind !== "llm");
}

function servedCapacity(variant: WorldVariant, { capacities, unit, basis }: Demand): VariantCapacity {
  const perSecond = capacities?.get(variant.key);
  if (perSecond === undefined || !(perSecond > 0)) {
    return { ok: false, code: "CapacityUnknown", reason: `what a replica can serve is not known: ${basis}` };
  }
  const basisText =
    unit === "replicas" ? `one counts as ${rateText(perSecond)}` : `one does ${rateText(perSecond)} ${unit}/s`;
  return { ok: true, perSecond, basis: basisText };
}

function saturationCapacity(world: World, variant: WorldVariant): VariantCapacity {
  const learned = capacityFromSaturation(parseSaturation(variantMemory(world, variant.key).saturation));
  if (!learned.ok) {
    const reason = `what a replica can serve is not known: neither a capacity nor a profile is given, and ${learned.reason}`;
    return { ok: false, code: "CapacityUnknown", reason };
  }
  const { perSecond, confidence, reason } = learned;
  const sure = `${Math.round(confidence * 100)} % sure`;
  return { ok: true, perSecond, basis: `one replica holds ${rateText(perSecond)} (${sure}): ${reason}` };
}

function profiledCapacity(world: World, { variant, serviceClass, demand }: CapacityQuestion): VariantCapacity {
  const mix = demand?.tokenMix ?? variant.tokenMix;
  if (variant.profile === undefined || mix === undefined) {
    return {
      ok: false,
      code: "CapacityUnknown",
      reason: "what a replica can serve is not known: a token mix is missing",
    };
  }
  const profile = presentProfile(world, variant, variant.profile);
  const capacity = capacityInsideSlo(profile, mix, serviceClass.slo, variant.role);
  if (!capacity.ok) return { ok: false, code: "SloUnreachable", reason: capacity.reason };
  const { perSecond } = capacity;
  const how = profile === variant.profile ? "" : ", as learned";
  return {
    ok: true,
    perSecond,
    basis: `one replica holds ${rateText(perSecond)} inside ${targetsText(serviceClass.slo)}${how}`,
  };
}

/** The stated profile, with what signals taught in place of its times. */
function presentProfile(world: World, variant: WorldVariant, profile: PerformanceProfile): PerformanceProfile {
  if (profile.dialect !== "continuous" || variant.learning === "off") return profile;
  const state = parseLearning(variantMemory(world, variant.key).learned);
  return state === undefined || state.samples === 0 ? profile : learnedProfile(state, profile);
}

const TARGETS = [
  ["ttftMs", "TTFT"],
  ["itlMs", "ITL"],
  ["tpotMs", "TPOT"],
  ["endToEndMs", "end to end"],
] as const;

function targetsText(slo: SloTargets): string {
  const percentile = slo.percentile === undefined ? "" : ` p${Number((slo.percentile * 100).toPrecision(4))}`;
  const told = TARGETS.flatMap(([field, name]) => {
    const target = slo[field];
    return target === undefined || target === 0 ? [] : [`${name}${percentile} ${Number(target.toPrecision(4))} ms`];
  });
  return told.length === 0 ? "no target but stability" : told.join(", ");
}
