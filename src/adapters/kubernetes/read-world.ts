import type { Cluster, ClusterReading } from "../../ports/cluster.ts";
import type { WorldNode, WorldPod, WorldTarget } from "../../snapshot/world/types.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import type { TargetSelector } from "./convert/owner.ts";
import { absentPolicy } from "./convert/resources.ts";
import { Discovery } from "./discovery.ts";
import { readNodes, readPods } from "./read-inventory.ts";
import { type Resources, readResources } from "./read-resources.ts";
import { readTargets } from "./read-targets.ts";

/** What was read last, part by part. */
interface LastGood {
  resources?: Resources;
  targets: WorldTarget[];
  selectors: TargetSelector[];
  nodes: WorldNode[];
  pods: WorldPod[];
}

/** Lists the cluster anew for each cycle. A part that cannot be read keeps its last good content, and is named. */
export class KubernetesCluster implements Cluster {
  readonly #api: KubernetesApi;
  readonly #scope: string;
  readonly #discovery: Discovery;
  readonly #last: LastGood = { targets: [], selectors: [], nodes: [], pods: [] };

  /** @param scope name of the `PlacementPolicy` */
  constructor(api: KubernetesApi, scope: string, discovery: Discovery = new Discovery(api)) {
    this.#api = api;
    this.#scope = scope;
    this.#discovery = discovery;
  }

  async read(takenAtMs: number): Promise<ClusterReading> {
    const last = this.#last;
    const unread: ClusterReading["unread"] = [];
    const attempt = async (part: string, work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        const { kind, message } = asApiError(error);
        unread.push({ part, reason: `${kind}: ${message}` });
      }
    };
    await attempt("resources", async () => {
      last.resources = await readResources(this.#api, this.#scope);
    });
    const resources = [...new Set(last.resources?.policy?.pools.map(({ resource }) => resource))];
    await Promise.all([
      attempt("nodes", async () => {
        last.nodes = await readNodes(this.#api, resources);
      }),
      this.#readTargetsAndPods(resources, takenAtMs, attempt),
    ]);
    const offsetMs = this.#api.clockOffsetMs;
    return {
      ...this.#reading(unread),
      ...(offsetMs === undefined ? {} : { clusterTimeMs: Math.max(0, Math.round(takenAtMs + offsetMs)) }),
    };
  }

  /** Pods after targets: some are known by the selectors of targets. */
  async #readTargetsAndPods(
    resources: readonly string[],
    nowMs: number,
    attempt: (part: string, work: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const last = this.#last;
    await attempt("targets", async () => {
      const refs = [...(last.resources?.targetRefs.values() ?? [])];
      Object.assign(last, await readTargets(this.#api, this.#discovery, refs, resources));
    });
    await attempt("pods", async () => {
      last.pods = await readPods(this.#api, this.#discovery, { resources, selectors: last.selectors, nowMs });
    });
  }

  /** Status of each variant as it was read last, by key: where a status writer starts from. */
  statuses(): ReadonlyMap<string, unknown> {
    return this.#last.resources?.statuses ?? new Map();
  }

  #reading(unread: ClusterReading["unread"]): ClusterReading {
    const { resources, targets, nodes, pods } = this.#last;
    const reasons = unread.map(({ part, reason }) => `${part} could not be read: ${reason}`);
    if (resources !== undefined && resources.policy === undefined) {
      reasons.push(`there is no PlacementPolicy ${this.#scope}`);
    }
    return {
      policy: resources?.policy ?? absentPolicy(this.#scope),
      inventory: { known: reasons.length === 0, reason: reasons.length === 0 ? undefined : reasons.join("; "), nodes },
      pods,
      targets: targets.map((target) => withDevices(target, pods)),
      variants: resources?.variants ?? [],
      classes: resources?.classes ?? [],
      overrides: resources?.overrides ?? [],
      actedRevision: resources?.actedRevision ?? 0,
      policyWriter: resources?.policyWriter,
      unread,
    };
  }
}

/** Where the template does not say what a replica asks for, its pods do. */
function withDevices(target: WorldTarget, pods: readonly WorldPod[]): WorldTarget {
  if (target.problem !== undefined || target.devicesPerReplica > 0) return target;
  const own = pods.find((pod) => pod.target === target.key && !pod.terminating);
  const [resource, devicesPerReplica] = Object.entries(own?.devices ?? {})[0] ?? [undefined, 0];
  if (devicesPerReplica > 0) return { ...target, resource, devicesPerReplica };
  return { ...target, problem: "neither its pod template nor a pod of it asks for devices of a pool" };
}
