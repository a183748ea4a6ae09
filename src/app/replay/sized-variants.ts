import { InputError } from "../../domain/input-error.ts";
import { latencyAt, sizeContinuous } from "../../model/sizing/size.ts";
import type { LengthMix } from "../../snapshot/continuous-profile.ts";
import type { SloTargets } from "../../snapshot/profile.ts";
import type {
  Simulation,
  SimulationClass,
  SimulationVariant,
  SimulationWorkload,
} from "../../snapshot/simulation/types.ts";

/** A variant of a simulation with what a replica of it can do at the lengths of the course. */
export interface SizedVariant {
  key: string;
  workload: SimulationWorkload;
  serviceClass: SimulationClass;
  variant: SimulationVariant;
  /** Of one replica. */
  costPerHour: number;
  /** Requests per second of one replica inside the targets; 0: none. */
  capacityPerSecond: number;
  /** Requests in service and waiting in one replica at that rate, on average. */
  concurrency: number;
}

export function sizedVariants(simulation: Simulation, mixes: ReadonlyMap<string, LengthMix>): SizedVariant[] {
  const classes = new Map(simulation.classes.map((entry) => [entry.name, entry]));
  const prices = new Map(simulation.pools.map(({ name, pricePerDeviceHour }) => [name, pricePerDeviceHour]));
  return simulation.workloads.flatMap((workload) => {
    const serviceClass = classes.get(workload.class)!;
    const mix = mixes.get(workload.name);
    return workload.variants.map((variant) => ({
      key: `${workload.name.split("/")[0]}/${variant.name}`,
      workload,
      serviceClass,
      variant,
      costPerHour: (prices.get(variant.pool) ?? 0) * variant.devicesPerReplica,
      ...(mix === undefined ? { capacityPerSecond: 0, concurrency: 0 } : sizedReplica(variant, mix, serviceClass.slo)),
    }));
  });
}

function sizedReplica(
  { profile }: SimulationVariant,
  mix: LengthMix,
  slo: SloTargets,
): Pick<SizedVariant, "capacityPerSecond" | "concurrency"> {
  try {
    const sized = sizeContinuous(profile, mix, slo);
    if (!sized.ok) return { capacityPerSecond: 0, concurrency: 0 };
    const { capacityPerSecond, at } = sized;
    // Little's law. The mean time of an answer is exact in the mean length; of the wait for the first token the median stands in for it.
    const { ttftMs = 0 } = latencyAt(profile, mix, 0.5, capacityPerSecond);
    const presentMs = ttftMs + (mix.outputTokens - 1) * at.iterationMs;
    return { capacityPerSecond, concurrency: (capacityPerSecond * presentMs) / 1000 };
  } catch (error) {
    if (error instanceof InputError) return { capacityPerSecond: 0, concurrency: 0 };
    throw error;
  }
}
