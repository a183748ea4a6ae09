import { MAX_RATE } from "../../snapshot/limits.ts";
import type { ServingVariant } from "./types.ts";

/** Replicas of capacity 1 that one replica stands for; variants that state nonsense are left out. */
export function relativeCapacities(variants: readonly ServingVariant[]): ReadonlyMap<string, number> {
  return capacitiesBy(variants, ({ relativeCapacity }) => relativeCapacity ?? 1);
}

/** Items per second of one replica: `concurrency / serviceSeconds`. */
export function itemCapacities(variants: readonly ServingVariant[]): ReadonlyMap<string, number> {
  return capacitiesBy(variants, ({ serviceSeconds, concurrency }) => (concurrency ?? 1) / (serviceSeconds ?? 0));
}

/** What sizing says. */
export function requestCapacities(variants: readonly ServingVariant[]): ReadonlyMap<string, number> {
  return capacitiesBy(variants, ({ capacityPerSecond }) => capacityPerSecond ?? 0);
}

function capacitiesBy(
  variants: readonly ServingVariant[],
  capacityOf: (variant: ServingVariant) => number,
): ReadonlyMap<string, number> {
  return new Map(
    variants
      .map((variant) => [variant.name, capacityOf(variant)] as const)
      .filter(([, capacity]) => capacity > 0 && capacity <= MAX_RATE),
  );
}
