import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "./api.ts";
import { type Cluster, isReady } from "./cluster.ts";
import { LEADER_WORKER_SET } from "./objects.ts";

/**
 * Plays the LeaderWorkerSet controller, which is not to be had as a binary here: a StatefulSet of leaders, one of workers
 * for each leader and owned by it, the controller's labels on every pod, and the status. What it leaves out: rolling
 * updates, restart policies, subgroups.
 */

const LABEL = {
  name: "leaderworkerset.sigs.k8s.io/name",
  group: "leaderworkerset.sigs.k8s.io/group-index",
  worker: "leaderworkerset.sigs.k8s.io/worker-index",
};
const POLL_MS = 50;

function ownedBy({ apiVersion, kind, metadata: { name, uid } }: KubeObject): object {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** `size - 1` workers, numbered from 1, or the leaders, numbered from 0. */
function memberSet(set: KubeObject, owner: KubeObject, labels: Record<string, string>, replicas: number): KubeObject {
  const { workerTemplate, leaderTemplate } = set.spec.leaderWorkerTemplate;
  const leads = owner === set;
  const template = leads ? (leaderTemplate ?? workerTemplate) : workerTemplate;
  const podLabels = { ...template.metadata?.labels, ...labels };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      name: owner.metadata.name,
      namespace: set.metadata.namespace,
      ownerReferences: [ownedBy(owner)],
    },
    spec: {
      replicas,
      serviceName: set.metadata.name,
      podManagementPolicy: "Parallel",
      ordinals: { start: leads ? 0 : 1 },
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...template.metadata, labels: podLabels } },
    },
  };
}

const ordinal = (entry: KubeObject) => entry.metadata.name.slice(entry.metadata.name.lastIndexOf("-") + 1);

/** Creates a StatefulSet, or gives it the wanted number of replicas. */
async function ensure(cluster: Cluster, wanted: KubeObject): Promise<void> {
  const existing = await cluster.read(wanted).catch(() => undefined);
  if (!existing) await cluster.create(wanted);
  else if ((existing.spec.replicas ?? 0) !== wanted.spec.replicas) await cluster.scale(wanted, wanted.spec.replicas);
}

async function reconcile(cluster: Cluster, set: KubeObject): Promise<void> {
  const { name, namespace } = set.metadata;
  const size = set.spec.leaderWorkerTemplate.size ?? 1;
  await ensure(cluster, memberSet(set, set, { [LABEL.name]: name, [LABEL.worker]: "0" }, set.spec.replicas ?? 0));
  const members = await cluster.pods(`${LABEL.name}=${name}`, namespace);
  const leaders = members.filter((entry) => entry.metadata.labels?.[LABEL.worker] === "0");
  for (const leader of leaders) {
    const group = ordinal(leader);
    if (leader.metadata.labels?.[LABEL.group] === undefined) {
      await cluster.patch(leader, { metadata: { labels: { [LABEL.group]: group } } });
    }
    if (size === 1 || leader.metadata.deletionTimestamp) continue;
    await ensure(cluster, memberSet(set, leader, { [LABEL.name]: name, [LABEL.group]: group }, size - 1));
  }
  for (const worker of members.filter((entry) => entry.metadata.labels?.[LABEL.worker] === undefined)) {
    await cluster.patch(worker, { metadata: { labels: { [LABEL.worker]: ordinal(worker) } } });
  }
  await writeStatus(cluster, set, leaders, members, size);
}

async function writeStatus(
  cluster: Cluster,
  set: KubeObject,
  leaders: KubeObject[],
  members: KubeObject[],
  size: number,
) {
  const readyIn = (group: string) =>
    members.filter((entry) => entry.metadata.labels?.[LABEL.group] === group && isReady(entry));
  const readyReplicas = leaders.filter((leader) => readyIn(ordinal(leader)).length === size).length;
  const hpaPodSelector = `${LABEL.name}=${set.metadata.name},${LABEL.worker}=0`;
  const status = { replicas: leaders.length, readyReplicas, hpaPodSelector };
  if (JSON.stringify({ ...set.status, ...status }) === JSON.stringify(set.status)) return;
  const { group, version, plural } = LEADER_WORKER_SET;
  const path = `/apis/${group}/${version}/namespaces/${set.metadata.namespace}/${plural}/${set.metadata.name}/status`;
  await cluster.api.patch(path, { status });
}

/** Runs until `stop`; needs `install(LEADER_WORKER_SET)` before. */
export function playLeaderWorkerSets(cluster: Cluster): { stop(): Promise<void> } {
  const { group, version, plural } = LEADER_WORKER_SET;
  let stopped = false;
  async function run(): Promise<void> {
    while (!stopped) {
      const sets = await cluster.api.list(`/apis/${group}/${version}/${plural}`).catch(() => []);
      // Conflicts and objects that are gone are met again, or no longer, in the next round.
      for (const set of sets.filter((entry) => !entry.metadata.deletionTimestamp))
        await reconcile(cluster, set).catch(() => {});
      await sleep(POLL_MS);
    }
  }
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
