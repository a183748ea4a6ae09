import type { RawContainer, RawPodSpec } from "../api/types.ts";

const SUFFIXES: Record<string, number> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** A Kubernetes quantity of devices as a whole number; 0 where it is malformed or negative. */
export function deviceCount(quantity: string | number | undefined): number {
  const match = /^(\d+(?:\.\d+)?(?:[eE]\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(String(quantity ?? ""));
  if (match === null) return 0;
  return Math.floor(Number(match[1]) * (SUFFIXES[match[2] ?? ""] ?? 0));
}

/**
 * Devices by resource name that the scheduler counts for one pod: the larger of what its containers and sidecars ask
 * for together, and what an init container asks for beside the sidecars started before it. Resources that it does not
 * ask for are left out.
 */
export function podDevices(spec: RawPodSpec | undefined, resources: readonly string[]): Record<string, number> {
  const devices: Record<string, number> = {};
  for (const resource of resources) {
    let sidecars = 0;
    let init = 0;
    for (const container of spec?.initContainers ?? []) {
      const asked = askedBy(container, resource);
      if (container.restartPolicy === "Always") sidecars += asked;
      init = Math.max(init, sidecars + (container.restartPolicy === "Always" ? 0 : asked));
    }
    const running = (spec?.containers ?? []).reduce((sum, container) => sum + askedBy(container, resource), sidecars);
    const count = Math.max(init, running);
    if (count > 0) devices[resource] = count;
  }
  return devices;
}

/** Extended resources may be given as limits alone: in a pod template they are not yet defaulted. */
function askedBy(container: RawContainer, resource: string): number {
  return deviceCount(container.resources?.requests?.[resource] ?? container.resources?.limits?.[resource]);
}
