import type { Clock } from "../../ports/clock.ts";
import type { ClusterEvent, EventSink } from "../../ports/cluster.ts";
import type { KubernetesApi } from "./api/client.ts";
import { inParallel } from "./concurrency.ts";
import { timeText } from "./convert/time.ts";

interface Published {
  path: string;
  count: number;
  atMs: number;
}

const PARALLEL_EVENTS = 4;
/** Within this an equal event is counted; later it is a new one. The API server forgets events after an hour. */
const SAME_EVENT_MS = 10 * 60_000;
/** An event that repeats every cycle is counted this often. */
const COUNT_EVERY_MS = 60_000;

/** Events on `VariantAutoscaling`s, as `kubectl describe` shows them. */
export class KubernetesEvents implements EventSink {
  readonly #api: KubernetesApi;
  readonly #clock: Clock;
  readonly #published = new Map<string, Published>();

  constructor(api: KubernetesApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  async publish(events: readonly ClusterEvent[]): Promise<void> {
    const nowMs = this.#clock.nowMs();
    for (const [key, { atMs }] of this.#published) if (nowMs - atMs > SAME_EVENT_MS) this.#published.delete(key);
    await inParallel(events, PARALLEL_EVENTS, (event) => this.#publish(event, nowMs).catch(() => {}));
  }

  async #publish(event: ClusterEvent, nowMs: number): Promise<void> {
    const key = `${event.uid} ${event.reason} ${event.message}`;
    const before = this.#published.get(key);
    if (before === undefined) {
      const path = await this.#create(event, nowMs);
      this.#published.set(key, { path, count: 1, atMs: nowMs });
    } else if (nowMs - before.atMs >= COUNT_EVERY_MS) {
      this.#published.set(key, { ...before, count: before.count + 1, atMs: nowMs });
      await this.#api.patch(before.path, { count: before.count + 1, lastTimestamp: timeText(nowMs) });
    }
  }

  async #create(event: ClusterEvent, nowMs: number): Promise<string> {
    const [namespace = "", name = ""] = event.variant.split("/");
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
    const created = await this.#api.create(path, {
      metadata: { generateName: `${name.slice(0, 200)}.`, namespace },
      involvedObject: {
        apiVersion: "apportion.dev/v1alpha1",
        kind: "VariantAutoscaling",
        namespace,
        name,
        uid: event.uid,
      },
      type: event.type,
      reason: event.reason,
      message: event.message.slice(0, 1024),
      source: { component: "apportion" },
      reportingComponent: "apportion",
      firstTimestamp: timeText(nowMs),
      lastTimestamp: timeText(nowMs),
      count: 1,
    });
    return `${path}/${created.metadata?.name}`;
  }
}
