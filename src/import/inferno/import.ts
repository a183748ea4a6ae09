import type { Parsed } from "../../domain/violation.ts";
import { capacityInsideSlo } from "../../model/capacity.ts";
import { parseSnapshot } from "../../snapshot/codec.ts";
import type { Snapshot, SnapshotWorkload } from "../../snapshot/types.ts";
import { checkInferno } from "./check.ts";
import { type InfernoSystem, readInfernoFile } from "./file.ts";
import { type Dialect, dialectOf } from "./profile.ts";
import { importServer } from "./server.ts";

export interface ImportedInferno {
  snapshot: Snapshot;
  /** What a person should know of the translation. */
  notes: string[];
}

/**
 * An input file of the inferno optimizer as a snapshot: one workload for each server, one pool (a bag: inferno knows no nodes) for
 * each accelerator type, class rule `total` for each priority, weights 1. Costs stay in the file's unit (cents per hour).
 * The dialect of its performance parameters is `options.dialect`, else what the file says, else the newest that it has.
 */
export function importInferno(value: unknown, options: { dialect?: Dialect } = {}): Parsed<ImportedInferno> {
  const file = readInfernoFile(value);
  if (!file.ok) return file;
  const { system } = file.value;
  const violations = checkInferno(system);
  if (violations.length > 0) return { ok: false, violations };
  const dialect = options.dialect ?? file.value.dialect ?? dialectOf(system);
  if (dialect === undefined) return noParameters();
  const unlimited = system.optimizerData.optimizer?.unlimited ?? false;
  const devices = devicesByType(system, unlimited);
  const servers = system.serverData.servers.map((server) => importServer(system, server, dialect));
  const empty = servers.findIndex((server) => server.workload.variants.length === 0);
  if (empty >= 0) return noVariant(system, empty, dialect);
  const workloads = servers.map((server) => server.workload);
  const priorities = [...new Set(workloads.map((workload) => workload.priority))].sort((a, b) => a - b);
  const checked = parseSnapshot({
    apiVersion: "apportion.dev/v1",
    kind: "Snapshot",
    inventory: {
      pools: [...devices].map(([name, count]) => ({
        name,
        accelerator: name,
        devices: unlimited ? devicesForAll(workloads, name) : count,
      })),
    },
    classes: priorities.map((priority) => ({ priority, rule: "total" })),
    workloads,
  });
  if (!checked.ok) return checked;
  return { ok: true, value: { snapshot: checked.value, notes: servers.flatMap((server) => server.notes) } };
}

/** A type that capacityData does not count has none, unless the file asks for unlimited capacity. */
function devicesByType(system: InfernoSystem, unlimited: boolean): Map<string, number> {
  const counts = new Map(system.capacityData.count.map((entry) => [entry.type, entry.count]));
  const types = [...new Set(system.acceleratorData.accelerators.map((accelerator) => accelerator.type))].sort();
  return new Map(types.map((type) => [type, unlimited ? Number.POSITIVE_INFINITY : (counts.get(type) ?? 0)]));
}

/** Enough devices of a type to serve all that can use it: what "unlimited" comes to. */
function devicesForAll(workloads: readonly SnapshotWorkload[], pool: string): number {
  let devices = 0;
  for (const workload of workloads) {
    for (const variant of workload.variants) {
      if (variant.pool !== pool) continue;
      let capacity = variant.capacityPerSecond;
      if (variant.profile !== undefined && workload.tokenMix !== undefined) {
        const sized = capacityInsideSlo(variant.profile, workload.tokenMix, workload.slo);
        capacity = sized.ok ? sized.perSecond : undefined;
      }
      const needed = capacity === undefined ? 0 : Math.ceil(workload.demandPerSecond / capacity);
      devices += Math.max(needed, workload.minReplicas) * variant.devicesPerReplica;
    }
  }
  return devices;
}

function noParameters(): Parsed<never> {
  const violation = {
    path: "system.modelData.models",
    value: "none with performance parameters",
    rule: "perfParms (D3), serviceParms (D2), or decodeParms and prefillParms (D1) above 0",
    fix: "give the measured parameters",
  };
  return { ok: false, violations: [violation] };
}

function noVariant(system: InfernoSystem, index: number, dialect: Dialect): Parsed<never> {
  const violation = {
    path: `system.serverData.servers[${index}].model`,
    value: JSON.stringify(system.serverData.servers[index]?.model),
    rule: `a model with ${dialect} performance parameters on at least one accelerator`,
    fix: "give its measured parameters, or name another dialect",
  };
  return { ok: false, violations: [violation] };
}
