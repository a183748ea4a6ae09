import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";
import type { Lease, LeaseListener } from "../../ports/lease.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import type { RawObject } from "./api/types.ts";

export interface LeaseOptions {
  namespace: string;
  name: string;
  /** Of this process, unlike that of any other, restarts included. */
  identity: string;
  /** Others take over this long after the last renewal that they saw. */
  durationMs?: number;
  /** Who could not renew for this long stops acting: earlier than others start. */
  renewDeadlineMs?: number;
  retryMs?: number;
  /** Time that one write may take at most; `mayAct` leaves it. Less than duration minus deadline. */
  writeMs?: number;
  /** Who is unfit leaves a lease that nobody holds to others for this long before it takes it. */
  asideMs?: number;
  /** Who took it although it is unfit, as nobody else did, offers it again after this long. */
  offerAgainMs?: number;
}

const DEFAULTS = {
  durationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
  writeMs: 4_000,
  asideMs: 10_000,
  offerAgainMs: 300_000,
};

interface LeaseSpec {
  holderIdentity?: string | null;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/**
 * Leader election by a `coordination.k8s.io` Lease, as client-go does it: a renewal is timed from when this process saw
 * it change, by its own monotonic clock, and the times in the lease are never compared, so that clocks may differ.
 */
export class KubernetesLease implements Lease {
  readonly #api: KubernetesApi;
  readonly #clock: Clock;
  readonly #listener: LeaseListener;
  readonly #options: Required<LeaseOptions>;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  /** The lease as seen last, and when it was seen to change. */
  #observed: { spec: LeaseSpec; text: string; atMs: number } | undefined;
  /** Monotonic time of the start of the last renewal that succeeded; undefined: not leading. */
  #renewedAtMs: number | undefined;
  /** Why others should lead. */
  #unfit: string | undefined;
  /** Monotonic times: since when nobody holds the lease; when it was last taken in spite of being unfit. */
  #freeSinceMs: number | undefined;
  #tookUnfitAtMs: number | undefined;

  constructor(api: KubernetesApi, clock: Clock, listener: LeaseListener, options: LeaseOptions) {
    this.#api = api;
    this.#clock = clock;
    this.#listener = listener;
    this.#options = { ...DEFAULTS, ...options };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  mayAct(): boolean {
    if (this.#renewedAtMs === undefined) return false;
    const { durationMs, renewDeadlineMs, writeMs } = this.#options;
    const age = performance.now() - this.#renewedAtMs;
    return age < renewDeadlineMs && age + writeMs < durationMs;
  }

  leader(): string {
    return this.#observed?.spec.holderIdentity ?? "";
  }

  unfit(reason: string | undefined): void {
    this.#unfit = reason;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    if (this.#renewedAtMs === undefined) return;
    this.#lose("stopped");
    await this.#release().catch(() => {}); // It runs out by itself.
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#tryOnce();
      const jitter = 1 + 0.2 * Math.random();
      await sleep(this.#options.retryMs * jitter, undefined, { signal }).catch(() => {});
    }
  }

  /** One attempt to acquire, renew, or hand on. */
  async #tryOnce(): Promise<void> {
    if (this.#unfit !== undefined && this.#renewedAtMs !== undefined && !this.#keepsUnfit()) {
      this.#lose(`${this.#unfit}: another replica should lead`);
      this.#freeSinceMs = undefined;
      await this.#release().catch(() => {}); // It runs out by itself.
      return;
    }
    const startedAtMs = performance.now();
    let held = false;
    let reason = "another replica holds the lease";
    try {
      held = await this.#acquireOrRenew();
    } catch (error) {
      const failure = asApiError(error);
      reason = `the lease could not be renewed: ${failure.message}`;
      // Somebody else wrote in between, or there was no answer: what that means shows at the next attempt.
      const leading = this.#renewedAtMs;
      if (leading !== undefined && performance.now() - leading < this.#options.renewDeadlineMs) return;
    }
    if (held) {
      const led = this.#renewedAtMs !== undefined;
      this.#renewedAtMs = startedAtMs;
      if (!led) this.#listener.onLead();
    } else if (this.#renewedAtMs !== undefined) {
      this.#lose(reason);
    }
  }

  #lose(reason: string): void {
    this.#renewedAtMs = undefined;
    this.#listener.onLost(reason);
  }

  /** It was offered not long ago, and nobody took it: one that holds is better than none. */
  #keepsUnfit(): boolean {
    const tookAtMs = this.#tookUnfitAtMs;
    return tookAtMs !== undefined && performance.now() - tookAtMs < this.#options.offerAgainMs;
  }

  /** Whether to take a lease that nobody holds: who is unfit waits, so that another does. */
  #takesFree(): boolean {
    const nowMs = performance.now();
    this.#freeSinceMs ??= nowMs;
    if (this.#unfit === undefined) return true;
    if (nowMs - this.#freeSinceMs < this.#options.asideMs) return false;
    this.#tookUnfitAtMs = nowMs;
    return true;
  }

  async #acquireOrRenew(): Promise<boolean> {
    const lease = await this.#read();
    if (lease === undefined) {
      if (!this.#takesFree()) return false;
      this.#observe(await this.#api.create(this.#collection(), this.#body(undefined, this.#spec(undefined))));
      return true;
    }
    this.#observe(lease);
    const spec = (lease.spec ?? {}) as LeaseSpec;
    const holder = spec.holderIdentity ?? "";
    const { identity, durationMs } = this.#options;
    const validMs = (spec.leaseDurationSeconds ?? durationMs / 1000) * 1000;
    const seenForMs = performance.now() - (this.#observed?.atMs ?? 0);
    if (holder === identity) this.#freeSinceMs = undefined;
    else if (holder !== "" && seenForMs < validMs) {
      this.#freeSinceMs = undefined;
      return false;
    } else if (!this.#takesFree()) return false;
    this.#observe(await this.#api.replace(this.#path(), this.#body(lease, this.#spec(spec))));
    return true;
  }

  async #read(): Promise<RawObject | undefined> {
    try {
      return await this.#api.get(this.#path());
    } catch (error) {
      if (asApiError(error).kind === "notFound") return undefined;
      throw error;
    }
  }

  #observe(lease: RawObject): void {
    const text = JSON.stringify(lease.spec ?? {});
    if (this.#observed?.text === text) return;
    this.#observed = { spec: (lease.spec ?? {}) as LeaseSpec, text, atMs: performance.now() };
  }

  #spec(before: LeaseSpec | undefined): LeaseSpec {
    const { identity, durationMs } = this.#options;
    const now = new Date(this.#clock.nowMs()).toISOString().replace("Z", "000Z");
    const own = before?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: own ? (before?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (own || before === undefined ? 0 : 1),
    };
  }

  /** An empty holder and a short duration: who sees it takes over at once. */
  async #release(): Promise<void> {
    const lease = await this.#read();
    const spec = (lease?.spec ?? {}) as LeaseSpec;
    if (lease === undefined || spec.holderIdentity !== this.#options.identity) return;
    await this.#api.replace(this.#path(), this.#body(lease, { ...spec, holderIdentity: "", leaseDurationSeconds: 1 }));
  }

  #body(before: RawObject | undefined, spec: LeaseSpec): RawObject {
    const { namespace, name } = this.#options;
    const metadata = before?.metadata ?? { namespace, name };
    return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
  }

  #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(this.#options.namespace)}/leases`;
  }

  #path(): string {
    return `${this.#collection()}/${encodeURIComponent(this.#options.name)}`;
  }
}
