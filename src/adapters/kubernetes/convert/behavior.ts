import type { Behavior, BehaviorPolicy, ScalingRules } from "../../../snapshot/world/types.ts";

export interface RawRules {
  stabilizationWindowSeconds?: number;
  selectPolicy?: ScalingRules["selectPolicy"];
  policies?: BehaviorPolicy[];
  tolerance?: number;
}

export interface RawBehavior {
  scaleUp?: RawRules;
  scaleDown?: RawRules;
}

/** Defaults of `autoscaling/v2`, but for tolerance: desired counts are decided, not measured. */
const DEFAULT_BEHAVIOR: Behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 15 },
      { type: "Pods", value: 4, periodSeconds: 15 },
    ],
    tolerance: 0,
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
    tolerance: 0,
  },
};

/** Field by field: what the variant says, else what the policy says, else the default. */
export function behaviorOf(own: RawBehavior | undefined, policy: RawBehavior | undefined): Behavior {
  const direction = (name: "scaleUp" | "scaleDown"): ScalingRules => ({
    ...DEFAULT_BEHAVIOR[name],
    ...policy?.[name],
    ...own?.[name],
  });
  return { scaleUp: direction("scaleUp"), scaleDown: direction("scaleDown") };
}
