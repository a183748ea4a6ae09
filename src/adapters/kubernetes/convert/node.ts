import type { SnapshotTaint } from "../../../snapshot/types.ts";
import type { WorldNode } from "../../../snapshot/world/types.ts";
import type { RawCondition, RawObject } from "../api/types.ts";
import { deviceCount } from "./quantity.ts";

interface RawNode extends RawObject {
  spec?: { unschedulable?: boolean; taints?: { key?: string; value?: string; effect?: string }[] };
  status?: { allocatable?: Record<string, string | number>; conditions?: RawCondition[] };
}

/** A node that has any of `resources`; undefined for others, which no pool can hold. */
export function nodeOf(raw: RawObject, resources: readonly string[]): WorldNode | undefined {
  const { metadata, spec, status } = raw as RawNode;
  const devices: Record<string, number> = {};
  for (const resource of resources) {
    const count = deviceCount(status?.allocatable?.[resource]);
    if (count > 0) devices[resource] = count;
  }
  if (metadata?.name === undefined || Object.keys(devices).length === 0) return undefined;
  return {
    name: metadata.name,
    ready: (status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True"),
    cordoned: spec?.unschedulable === true || metadata.deletionTimestamp !== undefined,
    labels: metadata.labels ?? {},
    taints: (spec?.taints ?? []).map(({ key, value, effect }) => ({
      key: key ?? "",
      value: value ?? "",
      effect: (effect ?? "NoSchedule") as SnapshotTaint["effect"],
    })),
    devices,
  };
}
