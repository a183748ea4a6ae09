import type { Simulation, SimulationVariant } from "../../snapshot/simulation/types.ts";

/** What a person would give an autoscaler as its maximum: the variant's own, or as many as its pool alone has devices for. */
export function mostReplicas(
  { pools }: Simulation,
  { pool, devicesPerReplica, maxReplicas }: SimulationVariant,
): number {
  const nodes = pools.find(({ name }) => name === pool)?.nodes ?? [];
  const fits = nodes.reduce((sum, { devices, count }) => sum + count * Math.floor(devices / devicesPerReplica), 0);
  return Math.max(1, Math.min(fits, maxReplicas ?? Number.POSITIVE_INFINITY));
}
