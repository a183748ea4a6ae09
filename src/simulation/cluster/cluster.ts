import { Random } from "../random.ts";
import { ReplicaSimulation } from "../replica.ts";
import { Gateway } from "./gateway.ts";
import { SimulatedNodes } from "./nodes.ts";
import { goesBefore, newPod, type SimulatedPod } from "./pod.ts";
import type {
  Arrival,
  ClusterCounts,
  ClusterScenario,
  ScriptedEvent,
  ServedRequest,
  SimulatedVariant,
} from "./types.ts";

/** A pod that is to go answers what it has, for so long at most. */
const GRACE_MS = 30_000;
/** How often it is looked whether it has. */
const GRACE_STEP_MS = 1_000;
const HOUR_MS = 3_600_000;

interface Totals {
  /** The pod to which something happens first by itself. */
  next: SimulatedPod | undefined;
  /** Devices on nodes, by variant. */
  held: [variant: string, devices: number][];
  /** Pods without a node, or not ready yet. */
  pending: number;
}

/**
 * A cluster whose time somebody else moves: nodes, a scheduler, pods that start, crash and go, and replicas that answer requests token by
 * token. The same scenario, arrivals and calls give the same course.
 */
export class SimulatedCluster {
  readonly nodes: SimulatedNodes;
  readonly gateways = new Map<string, Gateway>();
  readonly counts: ClusterCounts = { started: 0, stopped: 0, crashed: 0, deviceMs: new Map(), pendingMs: 0 };
  private readonly variants: ReadonlyMap<string, SimulatedVariant>;
  private readonly asked = new Map<string, number>();
  private readonly podsOf = new Map<string, SimulatedPod[]>();
  private readonly script: ScriptedEvent[];
  private readonly foreignEnds: { atMs: number; node: string; devices: number }[] = [];
  private readonly random: Random;
  private readonly arrivals: Iterator<Arrival>;
  private nextArrival: Arrival | undefined;
  private nextId = 0;
  private podNumber = 0;
  private clockMs = 0;
  /** Sums over pods, made anew after a pod has changed. */
  private totals: Totals | undefined;

  /** @param arrivals in the order of time; may have no end */
  constructor(scenario: ClusterScenario, arrivals: Iterable<Arrival>, served: (request: ServedRequest) => void) {
    this.nodes = new SimulatedNodes(scenario.nodes);
    this.random = new Random(scenario.seed);
    this.variants = new Map(scenario.variants.map((variant) => [variant.key, variant]));
    this.script = [...scenario.events];
    this.arrivals = arrivals[Symbol.iterator]();
    this.takeArrival();
    for (const variant of scenario.variants) {
      if (!this.gateways.has(variant.workload)) {
        this.gateways.set(variant.workload, new Gateway(variant.workload, served));
      }
      this.podsOf.set(variant.key, []);
      this.counts.deviceMs.set(variant.key, 0);
      this.asked.set(variant.key, variant.initialReplicas);
      this.grow(variant, variant.initialReplicas);
    }
    // What is there at the beginning has been there for a while: it took its time, and nobody learns that starts take none.
    for (const pod of this.pods()) {
      if (pod.phase !== "starting") continue;
      pod.scheduledAtMs = -1000 * pod.variant.start.meanSeconds;
      this.makeReady(pod);
    }
  }

  get nowMs(): number {
    return this.clockMs;
  }

  /** `spec.replicas` of the target of a variant. */
  askedOf(variant: string): number {
    return this.asked.get(variant) ?? 0;
  }

  *pods(): Iterable<SimulatedPod> {
    for (const pods of this.podsOf.values()) yield* pods;
  }

  /** Writes the count of a target. False: there is no such target. */
  scale(key: string, replicas: number): boolean {
    const variant = this.variants.get(key);
    if (variant === undefined) return false;
    this.asked.set(key, replicas);
    const kept = this.podsOf.get(key)!.filter(({ phase }) => phase !== "terminating");
    if (kept.length < replicas) this.grow(variant, replicas - kept.length);
    const leaving = kept.sort(goesBefore).slice(0, Math.max(0, kept.length - replicas));
    for (const pod of leaving) this.terminate(pod);
    return true;
  }

  /** A pod goes, and its controller makes another. False: there is no such pod. */
  evict(name: string): boolean {
    const pod = [...this.pods()].find((candidate) => candidate.name === name && candidate.phase !== "terminating");
    if (pod === undefined) return false;
    this.terminate(pod);
    this.scale(pod.variant.key, this.askedOf(pod.variant.key));
    return true;
  }

  happen(event: ScriptedEvent): void {
    switch (event.type) {
      case "node-lost":
        this.nodes.setLost(event.node, true);
        for (const pod of [...this.pods()]) if (pod.node === event.node) this.lose(pod);
        break;
      case "node-back":
        this.nodes.setLost(event.node, false);
        break;
      case "cordon":
      case "uncordon":
        this.nodes.setCordoned(event.node, event.type === "cordon");
        break;
      case "foreign-pod":
        if (this.nodes.takeForeign(event.node, event.devices)) {
          this.foreignEnds.push({ atMs: this.clockMs + event.forMs, node: event.node, devices: event.devices });
        }
    }
    this.schedule();
  }

  /** Everything up to and with this time happens. */
  advanceTo(timeMs: number): void {
    for (;;) {
      const pod = this.present().next;
      const foreign = this.foreignEnds.reduce<number>(
        (least, { atMs }) => Math.min(least, atMs),
        Number.POSITIVE_INFINITY,
      );
      const podMs = pod?.nextAtMs ?? Number.POSITIVE_INFINITY;
      const scriptMs = this.script[0]?.atMs ?? Number.POSITIVE_INFINITY;
      const arrivalMs = this.nextArrival?.atMs ?? Number.POSITIVE_INFINITY;
      const nextMs = Math.min(podMs, scriptMs, arrivalMs, foreign);
      if (nextMs > timeMs) break;
      this.moveClock(nextMs);
      if (podMs === nextMs) this.podEvent(pod!);
      else if (scriptMs === nextMs) this.happen(this.script.shift()!);
      else if (foreign === nextMs) this.endForeign();
      else this.arrive();
    }
    this.moveClock(timeMs);
    for (const pod of this.pods()) pod.replica?.advanceTo(timeMs);
  }

  private moveClock(toMs: number): void {
    const spanMs = toMs - this.clockMs;
    if (spanMs <= 0) return;
    const { deviceMs } = this.counts;
    const { held, pending } = this.present();
    for (const [key, devices] of held) deviceMs.set(key, deviceMs.get(key)! + spanMs * devices);
    this.counts.pendingMs += spanMs * pending;
    this.clockMs = toMs;
  }

  private arrive(): void {
    const arrival = this.nextArrival!;
    this.takeArrival();
    this.gateways.get(arrival.workload)?.arrive(this.nextId++, arrival);
  }

  private takeArrival(): void {
    const next = this.arrivals.next();
    this.nextArrival = next.done ? undefined : next.value;
  }

  private present(): Totals {
    if (this.totals !== undefined) return this.totals;
    const totals: Totals = { next: undefined, held: [], pending: 0 };
    for (const [key, pods] of this.podsOf) {
      let devices = 0;
      for (const pod of pods) {
        if (pod.node !== undefined) devices += pod.variant.devicesPerReplica;
        if (pod.phase === "pending" || pod.phase === "starting") totals.pending++;
        if (pod.nextAtMs < (totals.next?.nextAtMs ?? Number.POSITIVE_INFINITY)) totals.next = pod;
      }
      if (devices > 0) totals.held.push([key, devices]);
    }
    this.totals = totals;
    return totals;
  }

  private podEvent(pod: SimulatedPod): void {
    if (pod.phase === "starting") this.makeReady(pod);
    else if (pod.phase === "ready") this.crash(pod);
    else this.drain(pod);
  }

  private grow(variant: SimulatedVariant, count: number): void {
    this.totals = undefined;
    for (let i = 0; i < count; i++) {
      const name = `${variant.key.slice(variant.key.indexOf("/") + 1)}-${(this.podNumber++).toString(36).padStart(5, "0")}`;
      this.podsOf.get(variant.key)!.push(newPod(name, variant, this.clockMs));
      this.counts.started++;
    }
    this.schedule();
  }

  /** Gives every pod without a node one that has room, the oldest first. */
  private schedule(): void {
    const pending = [...this.pods()].filter(({ phase }) => phase === "pending");
    for (const pod of pending.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1))) {
      const node = this.nodes.place(pod.variant.pool, pod.variant.devicesPerReplica);
      if (node === undefined) continue;
      pod.node = node;
      pod.scheduledAtMs = this.clockMs;
      this.start(pod);
    }
  }

  private start(pod: SimulatedPod): void {
    this.totals = undefined;
    const { meanSeconds, variation } = pod.variant.start;
    pod.phase = "starting";
    pod.nextAtMs = this.clockMs + 1000 * this.random.logNormal(meanSeconds, variation);
  }

  private makeReady(pod: SimulatedPod): void {
    this.totals = undefined;
    const gateway = this.gateways.get(pod.variant.workload)!;
    pod.phase = "ready";
    pod.readyAtMs = this.clockMs;
    const { crashesPerHour = 0 } = pod.variant;
    pod.nextAtMs =
      crashesPerHour > 0
        ? this.clockMs + (HOUR_MS * this.random.exponential()) / crashesPerHour
        : Number.POSITIVE_INFINITY;
    pod.replica = new ReplicaSimulation(pod.variant.truth, gateway.observerOf(pod));
    pod.replica.advanceTo(this.clockMs);
    gateway.admit(pod, this.clockMs);
  }

  /** The container ends and starts anew in place. */
  private crash(pod: SimulatedPod): void {
    this.counts.crashed++;
    pod.restarts++;
    pod.readyAtMs = undefined;
    this.abandon(pod);
    this.start(pod);
  }

  private terminate(pod: SimulatedPod): void {
    this.totals = undefined;
    this.counts.stopped++;
    const gateway = this.gateways.get(pod.variant.workload)!;
    gateway.dismiss(pod);
    pod.replica?.advanceTo(this.clockMs);
    const answering = pod.phase === "ready" && pod.open.size > 0;
    pod.phase = "terminating";
    pod.graceEndsAtMs = this.clockMs + GRACE_MS;
    if (answering) pod.nextAtMs = this.clockMs + GRACE_STEP_MS;
    else this.lose(pod);
  }

  private drain(pod: SimulatedPod): void {
    this.totals = undefined;
    pod.replica?.advanceTo(this.clockMs);
    if (pod.open.size === 0 || this.clockMs >= pod.graceEndsAtMs) this.lose(pod);
    else pod.nextAtMs = this.clockMs + GRACE_STEP_MS;
  }

  /** It is gone at once, and so is what it had begun. A pod that was to stay is made anew. */
  private lose(pod: SimulatedPod): void {
    this.totals = undefined;
    const wanted = pod.phase !== "terminating";
    pod.replica?.advanceTo(this.clockMs);
    this.abandon(pod);
    if (pod.node !== undefined) this.nodes.release(pod.node, pod.variant.devicesPerReplica);
    const pods = this.podsOf.get(pod.variant.key)!;
    pods.splice(pods.indexOf(pod), 1);
    [pod.phase, pod.nextAtMs] = ["gone", Number.POSITIVE_INFINITY];
    if (wanted) this.grow(pod.variant, 1);
    else this.schedule();
  }

  private abandon(pod: SimulatedPod): void {
    const gateway = this.gateways.get(pod.variant.workload)!;
    gateway.dismiss(pod);
    const open = [...pod.open.values()];
    pod.open.clear();
    pod.replica = undefined;
    gateway.reroute(open, this.clockMs);
  }

  private endForeign(): void {
    const ended = this.foreignEnds.filter(({ atMs }) => atMs <= this.clockMs);
    for (const end of ended) {
      this.foreignEnds.splice(this.foreignEnds.indexOf(end), 1);
      this.nodes.releaseForeign(end.node, end.devices);
    }
    this.schedule();
  }
}
