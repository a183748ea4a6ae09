import type { RawObject } from "../../src/adapters/kubernetes/api/types.ts";
import {
  overrideOf,
  policyNameOf,
  policyOf,
  serviceClassOf,
  targetRefOf,
  variantDefaultsOf,
  variantOf,
} from "../../src/adapters/kubernetes/convert/resources.ts";

/** All that the service makes of an object of each kind. */
export const CONVERTED: Record<string, (raw: RawObject) => unknown> = {
  VariantAutoscaling: (raw) => {
    const variant = variantOf(raw, {});
    // Absent means on.
    return [policyNameOf(raw), targetRefOf(raw), { ...variant, learning: variant.learning ?? "on" }];
  },
  ServiceClass: serviceClassOf,
  PlacementPolicy: (raw) => [policyOf(raw), variantOf({ spec: { scaleTargetRef: {} } }, variantDefaultsOf(raw))],
  PlacementOverride: (raw) => [policyNameOf(raw), overrideOf(raw)],
};
