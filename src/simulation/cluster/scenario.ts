import type { ContinuousProfile } from "../../snapshot/continuous-profile.ts";
import type { Simulation, SimulationEvent } from "../../snapshot/simulation/types.ts";
import type { ClusterScenario, ScriptedEvent, SimulatedVariant } from "./types.ts";

/** The cluster that a simulation file describes. */
export function scenarioOf(simulation: Simulation): ClusterScenario {
  return {
    nodes: simulation.pools.flatMap(({ name: pool, nodes }) =>
      nodes
        .flatMap(({ devices, count }) => Array.from({ length: count }, () => devices))
        .map((devices, i) => ({ name: `${pool}-${i + 1}`, pool, devices })),
    ),
    variants: variantsOf(simulation),
    events: [...simulation.events].sort((a, b) => a.atSeconds - b.atSeconds).map(scripted),
    seed: simulation.seed,
  };
}

function variantsOf({ workloads }: Simulation): SimulatedVariant[] {
  return workloads.flatMap(({ name: workload, variants }) =>
    variants.map(({ name, pool, devicesPerReplica, profile, truth, startSeconds, startVariation, ...rest }) => ({
      key: `${workload.split("/")[0]}/${name}`,
      workload,
      pool,
      devicesPerReplica,
      truth: scaled(profile, truth),
      start: { meanSeconds: startSeconds, variation: startVariation },
      crashesPerHour: rest.crashesPerHour,
      initialReplicas: rest.initialReplicas,
    })),
  );
}

function scaled(profile: ContinuousProfile, factor: number): ContinuousProfile {
  return {
    ...profile,
    baseMs: profile.baseMs * factor,
    perSequenceMs: profile.perSequenceMs * factor,
    perPromptTokenMs: profile.perPromptTokenMs * factor,
    perContextTokenMs: profile.perContextTokenMs * factor,
  };
}

function scripted({ atSeconds, type, node, devices, forSeconds }: SimulationEvent): ScriptedEvent {
  const atMs = atSeconds * 1000;
  return type === "foreign-pod" ? { atMs, type, node, devices, forMs: forSeconds * 1000 } : { atMs, type, node };
}
