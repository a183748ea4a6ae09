import type { SnapshotVariant, SnapshotWorkload } from "../../snapshot/types.ts";
import { priorityOf, targetOf } from "./classes.ts";
import type { InfernoAccelerator, InfernoModel, InfernoServer, InfernoSystem } from "./file.ts";
import { type Dialect, isMeasured, profileOf, zeroLoadRate } from "./profile.ts";

/** A server as a workload, and what a person should know of the translation. */
export interface ImportedServer {
  workload: SnapshotWorkload;
  notes: string[];
}

/** Requests per minute to requests per second. */
const PER_MINUTE = 1 / 60;

/**
 * One server as a workload with one variant for each accelerator that its model has performance data on.
 * - Demand is the arrival rate, or, as in the predecessor, the token rate target over the output tokens where one is set.
 * - keepAccelerator excludes every other accelerator.
 * - minNumReplicas becomes `minReplicas` of the workload: a part of what full service takes, as in the predecessor.
 * - A server without load asks for nothing but its floor; its variants carry the predecessor's rate for that case.
 */
export function importServer(system: InfernoSystem, server: InfernoServer, dialect: Dialect): ImportedServer {
  const notes: string[] = [];
  const { load } = server.currentAlloc;
  const target = targetOf(system, server);
  const tps = target?.["slo-tps"] ?? 0;
  const idle = load.arrivalRate === 0;
  const demand = tps > 0 ? tps / load.avgOutTokens : load.arrivalRate * PER_MINUTE;
  const accelerators = new Map(system.acceleratorData.accelerators.map((entry) => [entry.name, entry]));
  const variants: SnapshotVariant[] = [];
  for (const model of system.modelData.models) {
    const accelerator = accelerators.get(model.acc);
    if (model.name !== server.model || accelerator === undefined) continue;
    if (isMeasured(model, dialect)) variants.push(variantOf(server, model, accelerator, dialect, idle));
    else
      notes.push(`${server.name}: ${model.acc} is left out, its ${dialect} performance parameters are absent or all 0`);
  }
  excludeOthers(server, variants);
  const workload: SnapshotWorkload = {
    name: server.name,
    priority: priorityOf(system, server),
    weight: 1,
    demandPerSecond: idle ? 0 : demand,
    shedPenalty: 0,
    minReplicas: server.minNumReplicas,
    ...(idle ? {} : { tokenMix: { inputTokens: load.avgInTokens, outputTokens: load.avgOutTokens } }),
    slo: {
      ...(target === undefined || target["slo-ttft"] === 0 ? {} : { ttftMs: target["slo-ttft"] }),
      ...(target === undefined || target["slo-itl"] === 0 ? {} : { itlMs: target["slo-itl"] }),
      ...(tps > 0 ? { tps } : {}),
    },
    variants,
  };
  if (tps > 0 && !idle) {
    notes.push(
      `${server.name}: demand is ${tps} tokens/s over ${load.avgOutTokens} output tokens, not the arrival rate`,
    );
  }
  notes.push(...currentNotes(server, variants));
  return { workload, notes };
}

function variantOf(
  server: InfernoServer,
  model: InfernoModel,
  accelerator: InfernoAccelerator,
  dialect: Dialect,
  idle: boolean,
): SnapshotVariant {
  // The predecessor reads an absent or senseless count as one accelerator.
  const units = model.accCount > 0 ? model.accCount : 1;
  const { currentAlloc } = server;
  return {
    name: `${server.name}:${accelerator.name}`,
    pool: accelerator.type,
    role: "both",
    devicesPerReplica: units * accelerator.multiplicity,
    nodesPerReplica: 1,
    ...(idle
      ? { capacityPerSecond: zeroLoadRate(model, server, dialect) }
      : { profile: profileOf(model, server, dialect) }),
    costPerHour: units * accelerator.cost,
    startCost: 0,
    currentReplicas: currentAlloc.accelerator === accelerator.name ? currentAlloc.numReplicas : 0,
    minReplicas: 0,
    tolerations: [],
    movable: false,
  };
}

/** keepAccelerator holds where a current accelerator is named. */
function excludeOthers(server: InfernoServer, variants: SnapshotVariant[]): void {
  const current = server.currentAlloc.accelerator;
  if (!server.keepAccelerator || current === "") return;
  for (const variant of variants) {
    if (variant.name !== `${server.name}:${current}`)
      variant.excluded = `keepAccelerator: the server stays on ${current}`;
  }
}

function currentNotes(server: InfernoServer, variants: readonly SnapshotVariant[]): string[] {
  const { accelerator, numReplicas } = server.currentAlloc;
  if (numReplicas === 0 || variants.some((variant) => variant.name === `${server.name}:${accelerator}`)) return [];
  const where = accelerator === "" ? "no accelerator" : `${accelerator}, which its model has no performance data on`;
  return [`${server.name}: its ${numReplicas} current replicas are on ${where}; they are not in the snapshot`];
}
