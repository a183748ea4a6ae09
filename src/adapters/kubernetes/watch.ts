import { setTimeout as sleep } from "node:timers/promises";
import type { ChangeFeed } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import type { RawCondition, RawObject, WatchEvent } from "./api/types.ts";
import { GROUP_PATH } from "./convert/resources.ts";

interface Watched {
  what: string;
  path: string;
  /** What of an object a plan depends on: only where it changes somebody is woken. */
  digest(raw: RawObject): string;
}

export interface WatchOptions {
  /** Changes within this are one call. */
  settleMs?: number;
  /** A watch that is silent for longer, without even a bookmark, is taken for dead. Bookmarks come about every minute. */
  idleMs?: number;
  minBackoffMs?: number;
  maxBackoffMs?: number;
}

/** Pods of device plugins and other workloads change all the time; what runs where and whether it serves matters. */
const WATCHED: readonly Watched[] = [
  { what: "nodes", path: "/api/v1/nodes", digest: nodeDigest },
  { what: "pods", path: "/api/v1/pods", digest: podDigest },
  ...["variantautoscalings", "serviceclasses", "placementpolicies", "placementoverrides"].map((plural) => ({
    what: plural,
    path: `${GROUP_PATH}/${plural}`,
    digest: ({ metadata }: RawObject) => `${metadata?.generation} ${metadata?.deletionTimestamp}`,
  })),
];

/**
 * Watches that only say that something changed; what it is now, the next list tells. Each is restarted after whatever
 * ends it: an expired version (410), errors, silence, a server that restarts. Only one attempt is under way for each.
 */
export class KubernetesChangeFeed implements ChangeFeed {
  readonly #api: KubernetesApi;
  readonly #log: Log;
  readonly #options: Required<WatchOptions>;
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #changed = new Set<string>();

  constructor(api: KubernetesApi, log: Log, options: WatchOptions = {}) {
    this.#api = api;
    this.#log = log;
    this.#options = { settleMs: 500, idleMs: 150_000, minBackoffMs: 500, maxBackoffMs: 30_000, ...options };
  }

  start(wake: (what: string) => void): void {
    if (this.#loops.length > 0) return;
    this.#loops = WATCHED.map((watched) => this.#follow(watched, wake));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#loops);
  }

  async #follow(watched: Watched, wake: (what: string) => void): Promise<void> {
    const { signal } = this.#stopping;
    const seen = new Map<string, string>();
    let version: string | undefined;
    let failures = 0;
    while (!signal.aborted) {
      try {
        version ??= await this.#list(watched, seen, wake);
        await this.#watch(watched, version, seen, wake, (next) => {
          version = next;
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        const failure = asApiError(error);
        if (failure.kind === "expired") version = undefined;
        failures += 1;
        this.#log.warn({ what: watched.what, kind: failure.kind, failures }, `watch ended: ${failure.message}`);
      }
      await this.#pause(failures);
    }
  }

  #watch(
    { what, path, digest }: Watched,
    resourceVersion: string,
    seen: Map<string, string>,
    wake: (what: string) => void,
    progressed: (version: string) => void,
  ): Promise<void> {
    const { idleMs } = this.#options;
    const visit = ({ type, object }: WatchEvent) => {
      if (object.metadata?.resourceVersion !== undefined) progressed(object.metadata.resourceVersion);
      if (type === "BOOKMARK") return;
      const key = keyOf(object);
      const value = type === "DELETED" ? undefined : digest(object);
      const before = seen.get(key);
      if (value === undefined) seen.delete(key);
      else seen.set(key, value);
      if (value !== before || value === undefined) this.#wakeSoon(what, wake);
    };
    return this.#api.watch(path, { query: { resourceVersion }, signal: this.#stopping.signal, idleMs }, visit);
  }

  /** What there is, so that the first change of each object is told from a heartbeat. Wakes where it changed unseen. */
  async #list(
    { what, path, digest }: Watched,
    seen: Map<string, string>,
    wake: (what: string) => void,
  ): Promise<string> {
    let now = new Map<string, string>();
    const visit = (raw: RawObject) => now.set(keyOf(raw), digest(raw));
    const restart = () => {
      now = new Map();
    };
    const version = await this.#api.list(path, visit, { restart });
    const changed = now.size !== seen.size || [...now].some(([key, value]) => seen.get(key) !== value);
    seen.clear();
    for (const [key, value] of now) seen.set(key, value);
    if (changed) this.#wakeSoon(what, wake);
    return version;
  }

  #wakeSoon(what: string, wake: (what: string) => void): void {
    this.#changed.add(what);
    this.#timer ??= setTimeout(() => {
      const changed = [...this.#changed].sort().join(", ");
      this.#timer = undefined;
      this.#changed = new Set();
      if (!this.#stopping.signal.aborted) wake(changed);
    }, this.#options.settleMs);
  }

  /** A watch that ended in order is resumed soon; one that failed after a jittered, doubling time. */
  async #pause(failures: number): Promise<void> {
    const { minBackoffMs, maxBackoffMs } = this.#options;
    const full = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(failures, 10));
    await sleep(full * (0.5 + Math.random() / 2), undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

function keyOf({ metadata }: RawObject): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

/** Heartbeats change a node's status every few minutes, and addresses and images with it. */
function nodeDigest({ metadata, spec, status }: RawObject): string {
  const { allocatable, conditions } = (status ?? {}) as { allocatable?: object; conditions?: RawCondition[] };
  const ready = conditions?.find(({ type }) => type === "Ready")?.status;
  const { unschedulable, taints } = (spec ?? {}) as { unschedulable?: boolean; taints?: unknown };
  return JSON.stringify([metadata?.labels, allocatable, ready, unschedulable, taints]);
}

function podDigest({ metadata, spec, status }: RawObject): string {
  const { phase, conditions } = (status ?? {}) as { phase?: string; conditions?: RawCondition[] };
  const states = conditions?.map(({ type, status, reason }) => `${type}=${status}/${reason ?? ""}`);
  return JSON.stringify([
    (spec as { nodeName?: string })?.nodeName,
    phase,
    states,
    metadata?.deletionTimestamp !== undefined,
  ]);
}
