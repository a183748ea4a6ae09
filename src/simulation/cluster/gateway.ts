import type { ReplicaObserver } from "../observer.ts";
import type { SimulatedRequest } from "../request.ts";
import type { SimulatedPod } from "./pod.ts";
import type { Arrival, ServedRequest } from "./types.ts";

/** What came in, for rates and lengths. */
interface Seen {
  atMs: number;
  inputTokens: number;
  outputTokens: number;
}

const KEPT_MS = 600_000;

/** All that comes in for one workload: held while no replica is ready, else given to the least loaded one. */
export class Gateway {
  readonly workload: string;
  readonly held: SimulatedRequest[] = [];
  private readonly ready: SimulatedPod[] = [];
  private readonly arrivals = new Map<number, Arrival>();
  private readonly seen: Seen[] = [];
  private firstSeen = 0;
  private readonly served: (request: ServedRequest) => void;

  constructor(workload: string, served: (request: ServedRequest) => void) {
    this.workload = workload;
    this.served = served;
  }

  get readyPods(): readonly SimulatedPod[] {
    return this.ready;
  }

  /** Requests that are neither answered nor turned away. */
  get open(): number {
    return this.arrivals.size;
  }

  arrive(id: number, arrival: Arrival): void {
    this.arrivals.set(id, arrival);
    this.note(arrival);
    this.route({
      id,
      arrivalMs: arrival.atMs,
      inputTokens: arrival.inputTokens,
      outputTokens: arrival.outputTokens,
      cachedTokens: arrival.cachedTokens ?? 0,
    });
  }

  /** Requests of a replica that is no more begin anew with another. */
  reroute(requests: Iterable<SimulatedRequest>, nowMs: number): void {
    for (const request of requests) this.route({ ...request, arrivalMs: nowMs });
  }

  admit(pod: SimulatedPod, nowMs: number): void {
    this.ready.push(pod);
    this.reroute(this.held.splice(0), nowMs);
  }

  dismiss(pod: SimulatedPod): void {
    const at = this.ready.indexOf(pod);
    if (at >= 0) this.ready.splice(at, 1);
  }

  /** Requests that came in within the time, and their lengths. */
  recent(nowMs: number, windowMs: number): readonly Seen[] {
    let from = this.seen.length;
    while (from > this.firstSeen && this.seen[from - 1]!.atMs > nowMs - windowMs) from--;
    return this.seen.slice(from);
  }

  observerOf(pod: SimulatedPod): ReplicaObserver {
    return {
      finished: ({ request, firstTokenMs }, atMs) => {
        const arrival = this.arrivals.get(request.id);
        if (arrival === undefined) return;
        const gaps = request.outputTokens - 1;
        this.end(pod, request.id, arrival, {
          ttftMs: firstTokenMs - arrival.atMs,
          tpotMs: gaps > 0 ? (atMs - firstTokenMs) / gaps : 0,
          endToEndMs: atMs - arrival.atMs,
        });
      },
      rejected: (request) => {
        const arrival = this.arrivals.get(request.id);
        const never = Number.POSITIVE_INFINITY;
        if (arrival !== undefined)
          this.end(pod, request.id, arrival, { ttftMs: never, tpotMs: never, endToEndMs: never });
      },
    };
  }

  private end(
    pod: SimulatedPod,
    id: number,
    { atMs: arrivalMs, inputTokens, outputTokens }: Arrival,
    times: Pick<ServedRequest, "ttftMs" | "tpotMs" | "endToEndMs">,
  ): void {
    this.arrivals.delete(id);
    pod.open.delete(id);
    this.served({ workload: this.workload, variant: pod.variant.key, arrivalMs, inputTokens, outputTokens, ...times });
  }

  /** To the replica with the least in service and waiting, by its share of what it takes at once. */
  private route(request: SimulatedRequest): void {
    let best: SimulatedPod | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const pod of this.ready) {
      pod.replica?.advanceTo(request.arrivalMs);
      const load = pod.open.size / pod.variant.truth.maxBatchSize;
      if (load < least) [best, least] = [pod, load];
    }
    if (best?.replica === undefined) {
      this.held.push(request);
      return;
    }
    best.open.set(request.id, request);
    best.replica.offer(request);
  }

  private note({ atMs, inputTokens, outputTokens }: Arrival): void {
    this.seen.push({ atMs, inputTokens, outputTokens });
    while (this.seen[this.firstSeen]!.atMs < atMs - KEPT_MS) this.firstSeen++;
    if (this.firstSeen > 10_000 && this.firstSeen > this.seen.length / 2) {
      this.seen.splice(0, this.firstSeen);
      this.firstSeen = 0;
    }
  }
}
