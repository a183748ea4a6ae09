import { setTimeout as sleep } from "node:timers/promises";
import { type Api, ApiError, type KubeObject } from "./api.ts";
import { type NodeSpec, node, type ScalableKind, scalableCrd } from "./objects.ts";
import { SIM } from "./stages.ts";

/** How long what a lab does may take on a loaded machine; what takes longer does not happen. */
const PATIENCE_MS = 45_000;
const POLL_MS = 25;

/** Waits until `probe` answers something; errors of the API server count as "not yet", as it may be down on purpose. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  let failure = "";
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = `; last: ${(error as Error).message}`;
    }
    if (performance.now() > until) throw new Error(`waited ${timeoutMs} ms for ${what}${failure}`);
    await sleep(POLL_MS);
  }
}

/** Plural names are only irregular where English is; the kinds in use are regular. */
function plural(kind: string): string {
  const name = kind.toLowerCase();
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : /(s|x|ch)$/.test(name) ? `${name}es` : `${name}s`;
}

const CLUSTER_SCOPED = ["Node", "Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"];

/** Path of the resource, or with a name of the object, in the API. */
function pathOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject, withName = true): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = CLUSTER_SCOPED.includes(kind) ? "" : `/namespaces/${namespace ?? "default"}`;
  return `${root}${scope}/${plural(kind)}${withName ? `/${name}` : ""}`;
}

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export function condition(object: KubeObject, type: string): Condition | undefined {
  return object.status?.conditions?.find((entry: Condition) => entry.type === type);
}

export const isReady = (object: KubeObject) => condition(object, "Ready")?.status === "True";

/** What tests do in a cluster, on top of plain requests. */
export interface Cluster {
  api: Api;
  create(object: KubeObject): Promise<KubeObject>;
  read(object: KubeObject): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(object: KubeObject, change: object): Promise<KubeObject>;
  /** Deletes; no error where it is gone already. */
  remove(object: KubeObject): Promise<void>;
  /** Sets or, with null, removes annotations: see `SIM`. */
  annotate(object: KubeObject, annotations: Record<string, string | null>): Promise<void>;
  /** Writes `spec.replicas` through `/scale`. */
  scale(object: KubeObject, replicas: number): Promise<void>;
  replicas(object: KubeObject): Promise<number>;
  /** Pods by label selector, such as `app=decode`, sorted by name. */
  pods(selector: string, namespace?: string): Promise<KubeObject[]>;
  /** Makes nodes and waits until the scheduler may use them. */
  addNodes(specs: NodeSpec[]): Promise<void>;
  /** Installs a custom resource and waits until it is served. */
  install(kind: ScalableKind): Promise<void>;
  /** Waits until exactly so many pods match and all are ready. */
  readyPods(selector: string, count: number): Promise<KubeObject[]>;
  /** Removes all workloads and pods of a namespace and waits until they are gone. */
  clear(namespace?: string): Promise<void>;
}

export function cluster(api: Api): Cluster {
  const create = (object: KubeObject) => api.post(pathOf(object, false), object);
  const patch = (object: KubeObject, change: object) => api.patch(pathOf(object), change);

  async function pods(selector: string, namespace = "default"): Promise<KubeObject[]> {
    const query = selector === "" ? "" : `?labelSelector=${encodeURIComponent(selector)}`;
    const found = await api.list(`/api/v1/namespaces/${namespace}/pods${query}`);
    return found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  async function addNodes(specs: NodeSpec[]): Promise<void> {
    await Promise.all(specs.map((spec) => create(node(spec))));
    const willBeReady = specs.filter((spec) => spec.annotations?.[SIM.notReady] !== "true");
    const names = new Set(willBeReady.map((spec) => spec.name));
    await waitFor(`${names.size} nodes to be ready`, async () => {
      const usable = (await api.list("/api/v1/nodes")).filter((entry) => isReady(entry) && !hasNotReadyTaint(entry));
      return usable.filter((entry) => names.has(entry.metadata.name)).length === names.size;
    });
  }

  async function install(kind: ScalableKind): Promise<void> {
    await create(scalableCrd(kind));
    const path = `/apis/${kind.group}/${kind.version}/${kind.plural}`;
    await waitFor(`${path} to be served`, () => api.answers(path));
  }

  async function clear(namespace = "default"): Promise<void> {
    const base = `/namespaces/${namespace}`;
    const workloads = ["deployments", "statefulsets", "replicasets"].map((name) => `/apis/apps/v1${base}/${name}`);
    for (const path of workloads) await api.delete(path);
    // At once: the node of a pod, which would let it go, may be gone or paused.
    await api.delete(`/api/v1${base}/pods?gracePeriodSeconds=0`);
    await waitFor(`${namespace} to be empty`, async () => (await pods("", namespace)).length === 0);
  }

  return {
    api,
    create,
    patch,
    pods,
    addNodes,
    install,
    clear,
    read: (object) => api.get(pathOf(object)),
    remove: async (object) => {
      await api.delete(pathOf(object)).catch((error) => {
        if (!(error instanceof ApiError) || error.code !== 404) throw error;
      });
    },
    annotate: async (object, annotations) => void (await patch(object, { metadata: { annotations } })),
    scale: async (object, replicas) => void (await api.patch(`${pathOf(object)}/scale`, { spec: { replicas } })),
    // The API server leaves out a zero.
    replicas: async (object) => (await api.get(`${pathOf(object)}/scale`)).spec?.replicas ?? 0,
    readyPods: (selector, count) =>
      waitFor(`${count} ready pods of ${selector}`, async () => {
        const found = await pods(selector);
        return found.length === count && found.every(isReady) && found;
      }),
  };
}

/** The node controller takes it away a moment after the node is ready. */
function hasNotReadyTaint(object: KubeObject): boolean {
  return (object.spec?.taints ?? []).some((taint: { key: string }) => taint.key === "node.kubernetes.io/not-ready");
}
