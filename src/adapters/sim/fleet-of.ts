import { DEVICE_RESOURCE, POOL_LABEL, targetKey } from "../../simulation/cluster/world-parts.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";
import type { ScalingRules, World, WorldVariant } from "../../snapshot/world/types.ts";

/** What the resources of a simulated cluster say: policy, classes and variants. */
export type SimulatedFleet = Pick<World, "policy" | "classes" | "variants">;

export interface FleetSettings {
  scope: string;
  mode: World["policy"]["mode"];
  timeLimitMs: number;
}

/** The defaults of `autoscaling/v2`, but for the window: plans look ahead, and a replica that is stopped too early costs a start. */
const SCALE_UP: ScalingRules = { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [], tolerance: 0 };
const SCALE_DOWN: ScalingRules = { stabilizationWindowSeconds: 300, selectPolicy: "Max", policies: [], tolerance: 0 };

export function fleetOf(simulation: Simulation, { scope, mode, timeLimitMs }: FleetSettings): SimulatedFleet {
  return {
    policy: {
      name: scope,
      mode,
      objective: "lexicographic",
      pools: simulation.pools.map(({ name, accelerator, pricePerDeviceHour }) => ({
        name,
        ...(accelerator === undefined ? {} : { accelerator }),
        resource: DEVICE_RESOURCE,
        nodeLabels: { [POOL_LABEL]: name },
        pricePerDeviceHour,
      })),
      quotas: [],
      cohorts: [],
      demandStaleAfterMs: 120_000,
      demandForgetAfterMs: 86_400_000,
      unschedulableTimeoutMs: 60_000,
      probeAfterMs: 300_000,
      probeAfterMaxMs: 3_600_000,
      quarantineMs: 120_000,
      quarantineMaxMs: 3_600_000,
      manualPinMs: 3_600_000,
      startTimeQuantile: 0.95,
      timeLimitMs,
    },
    classes: simulation.classes.map((serviceClass) => ({ ...serviceClass, shedPenalty: 0 })),
    variants: variantsOf(simulation),
  };
}

function variantsOf({ workloads }: Simulation): WorldVariant[] {
  return workloads.flatMap(({ name: workload, class: serviceClass, variants }) =>
    variants.map((variant): WorldVariant => {
      const namespace = workload.split("/")[0]!;
      const key = `${namespace}/${variant.name}`;
      return {
        key,
        namespace,
        name: variant.name,
        uid: `simulated-${variant.name}`,
        generation: 1,
        target: targetKey(key),
        workload,
        serviceClass,
        role: "both",
        minReplicas: variant.minReplicas,
        ...(variant.maxReplicas === undefined ? {} : { maxReplicas: variant.maxReplicas }),
        profile: variant.profile,
        startSeconds: variant.startSeconds,
        behavior: { scaleUp: SCALE_UP, scaleDown: SCALE_DOWN },
        suspended: false,
      };
    }),
  );
}
