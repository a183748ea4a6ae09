import type { Actuator } from "../../ports/actuator.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ChangeFeed, Cluster, EventSink, StatusWriter } from "../../ports/cluster.ts";
import type { Lease, LeaseListener } from "../../ports/lease.ts";
import type { Log } from "../../ports/log.ts";
import type { MemoryStore, OverrideStore } from "../../ports/store.ts";
import { KubernetesActuator } from "./actuator.ts";
import { KubernetesApi } from "./api/client.ts";
import { type Connection, type ConnectionOptions, connect } from "./api/connection.ts";
import { Discovery } from "./discovery.ts";
import { KubernetesEvents } from "./events.ts";
import { KubernetesLease } from "./lease.ts";
import { RateLimit } from "./rate-limit.ts";
import { KubernetesCluster } from "./read-world.ts";
import { ScaleSubresource } from "./scale-target.ts";
import { KubernetesStatusWriter } from "./status-writer.ts";
import { KubernetesMemoryStore, KubernetesOverrideStore } from "./store-kubernetes.ts";
import { KubernetesChangeFeed } from "./watch.ts";

export interface KubernetesOptions extends ConnectionOptions {
  /** Name of the `PlacementPolicy`. */
  scope: string;
  /** Of lease and memory; absent: the service account's or the context's. */
  namespace?: string;
  /** Of this process; differs between restarts. */
  identity: string;
  clock: Clock;
  log: Log;
  /** Writes of counts and deletion costs. */
  writesPerSecond?: number;
}

export interface KubernetesAdapters {
  /** Of lease and memory. */
  namespace: string;
  cluster: Cluster;
  changes: ChangeFeed;
  actuator: Actuator;
  status: StatusWriter;
  events: EventSink;
  memory: MemoryStore;
  overrides: OverrideStore;
  lease(listener: LeaseListener): Lease;
  close(): void;
}

/** Lists of a large cluster may take long. */
const READ_TIMEOUT_MS = 20_000;
/** Within what `KubernetesLease.mayAct` leaves. */
const WRITE_TIMEOUT_MS = 4_000;

/** Everything of one API server for one scope. @throws Error where there is no usable configuration */
export async function kubernetesAdapters(options: KubernetesOptions): Promise<KubernetesAdapters> {
  return adaptersOver(await connect(options), options);
}

/** The same over a connection that is there. */
export function adaptersOver(connection: Connection, options: KubernetesOptions): KubernetesAdapters {
  const { scope, clock, log, identity, writesPerSecond = 100 } = options;
  const namespace = options.namespace ?? connection.namespace;
  const reads = new KubernetesApi(connection, READ_TIMEOUT_MS);
  const writes = new KubernetesApi(connection, WRITE_TIMEOUT_MS);
  const discovery = new Discovery(reads);
  const cluster = new KubernetesCluster(reads, scope, discovery);
  const targets = [new ScaleSubresource(writes, discovery)];
  const limit = new RateLimit(writesPerSecond, 2 * writesPerSecond);
  return {
    namespace,
    cluster,
    changes: new KubernetesChangeFeed(reads, log),
    actuator: new KubernetesActuator({ api: writes, targets, limit, clock }),
    status: new KubernetesStatusWriter({ api: writes, scope, stored: () => cluster.statuses() }),
    events: new KubernetesEvents(writes, clock),
    memory: new KubernetesMemoryStore(writes, namespace, scope),
    overrides: new KubernetesOverrideStore(writes, scope),
    lease: (listener) =>
      new KubernetesLease(writes, clock, listener, {
        namespace,
        name: `apportion-${scope}`,
        identity,
        writeMs: WRITE_TIMEOUT_MS,
      }),
    close: () => connection.agent.destroy(),
  };
}
