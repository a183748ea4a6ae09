import type { Plan } from "@apportion/solver";
import { planDifference } from "../../plan/difference.ts";
import { type Change, UnknownNameError, whatIf } from "../../plan/what-if.ts";
import type { Actuator } from "../../ports/actuator.ts";
import type { Clock, MonotonicClock } from "../../ports/clock.ts";
import type { Cluster, ClusterEvent, EventSink, StatusWriter } from "../../ports/cluster.ts";
import type { Live, LivePlan, LiveStatus, OverrideInForce, OverrideSpec } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { OverrideStore } from "../../ports/store.ts";
import type { CycleTelemetry } from "../../ports/telemetry.ts";
import type { AuditEntry } from "../../snapshot/world/memory.ts";
import type { World, WorldDemand, WorldOverride } from "../../snapshot/world/types.ts";
import type { FleetView } from "../../status/metric-types.ts";
import { policyStatus } from "../../status/policy-status.ts";
import { variantStatuses } from "../../status/variant-status.ts";
import { type Acted, act, NOTHING_ACTED } from "./act.ts";
import { withAudit } from "./audit.ts";
import { type CycleOutcome, planCycle, type Solved } from "./cycle.ts";
import { actDrain } from "./drain.ts";
import { NoPlanYetError, NotLeaderError, StaleApprovalError } from "./errors.ts";
import type { Installations } from "./installations.ts";
import { livePlan } from "./live-plan.ts";
import type { MemoryKeeper } from "./memory-keeper.ts";
import { expiredSince, overrideEffect, overrideStatuses } from "./override-effect.ts";
import { Publisher } from "./publisher.ts";
import { rememberedCycle } from "./remember.ts";
import type { LiveSolver } from "./solver.ts";

/** Whether this process may act, and who does. */
export interface Leadership {
  mayAct(): boolean;
  leader(): string;
}

export interface FleetParts {
  cluster: Cluster;
  actuator: Actuator;
  status: StatusWriter;
  events: EventSink;
  overrides: OverrideStore;
  keeper: MemoryKeeper;
  leadership: Leadership;
  /** Of all workloads, as reported last. */
  demands: () => WorldDemand[];
  /** False where the source has reported nothing. */
  forgetSource: (source: string) => Promise<boolean>;
  solver: LiveSolver;
  clock: Clock & MonotonicClock;
  log: Log;
  telemetry: CycleTelemetry;
  installations: Installations;
  /** Keeps a world, so that its cycle can be repeated. */
  record: (world: World) => Promise<void>;
  /** Something was decided: the next cycle should not wait. */
  wake: () => void;
  newId: () => string;
}

/** The running fleet: cycles over the parts outside, and what callers see of them. */
export class Fleet implements Live {
  readonly #parts: FleetParts;
  readonly #publisher = new Publisher();
  #last: { outcome: CycleOutcome; solved?: Solved; tookMs: number } | undefined;
  /** The last good one, in this process. */
  #solved: Solved | undefined;
  #whyNone = "the first cycle has not ended";
  /** In the cycle before. */
  #led = false;
  #warnings: string[] = [];
  #view: FleetView | undefined;
  #readAtMs: number | undefined;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  /** One cycle. Never rejects. */
  async cycle(): Promise<void> {
    const { clock, log } = this.#parts;
    const startedAtMs = clock.nowMs();
    try {
      await this.#cycle(startedAtMs);
    } catch (error) {
      this.#whyNone = error instanceof Error ? error.message : String(error);
      log.error({ error: error instanceof Error ? error.name : typeof error, message: this.#whyNone }, "cycle failed");
      const total = (clock.nowMs() - startedAtMs) / 1000;
      this.#parts.telemetry.cycleEnded({ outcome: "failed", seconds: { total } });
      if (error instanceof Error && error.name === "StoreConflictError") await this.#reload();
    }
  }

  async #cycle(startedAtMs: number): Promise<void> {
    const { keeper, leadership, status, log, clock } = this.#parts;
    const leads = leadership.mayAct();
    // Also in the first cycle that leads: whoever led before may have written since.
    if (!leads || !this.#led) await keeper.load();
    this.#led = leads;
    const world = await this.#takeWorld(startedAtMs);
    const acts = leads && world.otherInstallation === undefined;
    await this.#parts.record(world);
    const readAtMs = clock.nowMs();
    const outcome = await planCycle(world, (snapshot) => this.#parts.solver.solve(snapshot, world.policy.timeLimitMs));
    const plannedAtMs = clock.nowMs();
    const acted = acts ? await this.#carryOut(outcome) : NOTHING_ACTED;
    const said = {
      ...outcome,
      ...(outcome.solved === undefined ? {} : { plan: outcome.solved.plan }),
      deferred: outcome.order.deferred,
      ...acted,
    };
    const statuses = variantStatuses(said);
    if (outcome.solved !== undefined && outcome.decision.held === undefined) this.#solved = outcome.solved;
    this.#publish(outcome, statuses);
    if (acts) {
      const ended = this.#last === undefined ? [] : expiredSince(this.#last.outcome, world.takenAtMs);
      for (const override of ended) {
        await this.#audit("apportion", `override expired: ${override.action.type}`, override, override.reason);
      }
      const written = await status.write({
        atMs: clock.nowMs(),
        variants: statuses,
        overrides: overrideStatuses(outcome),
        policy: policyStatus(said, this.#parts.installations.signature(leadership.leader())),
      });
      await this.#parts.events.publish(eventsOf(outcome, acted));
      for (const failure of written.failed) log.warn({ ...failure }, "status not written");
    }
    const endedAtMs = clock.nowMs();
    this.#last = { outcome, tookMs: endedAtMs - startedAtMs };
    this.#view = { ...outcome, statuses, ...(this.#solved === undefined ? {} : { solved: this.#solved }) };
    this.#parts.telemetry.cycleEnded({
      outcome: outcome.decision.held === undefined ? "planned" : "held",
      seconds: {
        read: (readAtMs - startedAtMs) / 1000,
        plan: (plannedAtMs - readAtMs) / 1000,
        write: (endedAtMs - plannedAtMs) / 1000,
        total: (endedAtMs - startedAtMs) / 1000,
      },
    });
    log.info(
      {
        revision: outcome.revision,
        leads,
        held: outcome.decision.held?.code,
        changes: outcome.decision.changes.length,
        written: acted.written.size,
        readMs: readAtMs - startedAtMs,
        planMs: plannedAtMs - readAtMs,
        writeMs: endedAtMs - plannedAtMs,
      },
      "cycle",
    );
  }

  async #takeWorld(takenAtMs: number): Promise<World> {
    const { cluster, keeper, demands, clock } = this.#parts;
    const { actedRevision, policyWriter, unread, ...reading } = await cluster.read(takenAtMs);
    const rival = this.#parts.installations.rival(policyWriter, clock.monotonicMs());
    this.#warnings = unread.map(({ part, reason }) => `${part}: ${reason}`);
    if (unread.length === 0) this.#readAtMs = takenAtMs;
    const { memory } = keeper;
    return {
      apiVersion: "apportion.dev/v1",
      kind: "World",
      takenAtMs,
      ...reading,
      ...(rival === undefined ? {} : { otherInstallation: rival }),
      demands: demands(),
      // What acted last is known to the cluster even where the memory was lost.
      memory: { ...memory, revision: Math.max(memory.revision, actedRevision) },
    };
  }

  /**
   * Remembers the plan before anything of it is written, so that no other process acts under its revision, and what was
   * written after. A process that dies in between has written part of a plan that the next cycle reads back.
   */
  async #carryOut(outcome: CycleOutcome): Promise<Acted> {
    const { keeper, actuator, leadership } = this.#parts;
    await keeper.update((memory) => merged(memory, rememberedCycle(outcome, new Map()), outcome));
    const { clock, log } = this.#parts;
    const mayAct = () => leadership.mayAct();
    const moved = await actDrain(actuator, outcome, { mayAct, log, atMs: clock.nowMs() });
    if (moved !== undefined) await keeper.update((memory) => withAudit(memory, moved));
    if (!outcome.decision.act || outcome.order.steps.length === 0) return NOTHING_ACTED;
    const { world, revision, order } = outcome;
    const acted = await act(actuator, world, revision, order, mayAct);
    if (acted.written.size > 0) {
      const entry = actedEntry(outcome, acted, this.#parts.clock.nowMs());
      await keeper.update((memory) =>
        withAudit(merged(memory, rememberedCycle(outcome, acted.written), outcome), entry),
      );
    }
    return acted;
  }

  #publish(outcome: CycleOutcome, statuses: Parameters<typeof livePlan>[2]): void {
    const plan = this.#solved?.plan;
    if (plan === undefined) {
      const note = outcome.decision.held ?? outcome.decision.notes[0];
      this.#whyNone = note?.sentence ?? "nothing can be planned";
      return;
    }
    this.#publisher.publish(livePlan(outcome, plan, statuses));
  }

  async #reload(): Promise<void> {
    await this.#parts.keeper.load().catch(() => undefined);
  }

  status(): LiveStatus {
    const { leadership } = this.#parts;
    return {
      leader: leadership.mayAct(),
      leaderIdentity: leadership.leader(),
      plan: this.#present(),
      lastCycleAtMs: this.#last?.outcome.world.takenAtMs ?? 0,
      lastCycleMs: this.#last?.tookMs ?? 0,
      warnings: this.#warnings,
    };
  }

  /** For those who watch the service: the last cycle, and when the cluster was last read completely. */
  observed(): { fleet?: FleetView; unreadParts: number; readAtMs?: number } {
    return {
      ...(this.#view === undefined ? {} : { fleet: this.#view }),
      unreadParts: this.#warnings.length,
      ...(this.#readAtMs === undefined ? {} : { readAtMs: this.#readAtMs }),
    };
  }

  demandStaleAfterMs(): number {
    return this.#last?.outcome.world.policy.demandStaleAfterMs ?? Number.POSITIVE_INFINITY;
  }

  watch(afterRevision: number, listener: (plan: LivePlan) => void): () => void {
    return this.#publisher.watch(afterRevision, listener);
  }

  async whatIf(changes: readonly Change[], signal: AbortSignal): Promise<{ before: Plan; after: Plan }> {
    const { problem, plan } = this.#solvedOrThrow();
    const after = await this.#parts.solver.solveProblem(whatIf(problem, changes), plan, signal);
    return { before: plan, after };
  }

  async previewOverride(spec: OverrideSpec, _signal: AbortSignal): ReturnType<Live["previewOverride"]> {
    const before = this.#lastOrThrow().outcome;
    const override = this.#override(spec);
    this.#checkSubject(spec);
    const world = await this.#takeWorld(this.#parts.clock.nowMs());
    const after = await planCycle({ ...world, overrides: [...world.overrides, override] }, (snapshot) =>
      this.#parts.solver.solveApart(snapshot, world.policy.timeLimitMs),
    );
    if (before.solved === undefined || after.solved === undefined) {
      throw new NoPlanYetError(after.decision.held?.sentence ?? this.#whyNone);
    }
    return {
      difference: planDifference(before.solved.plan, after.solved.plan),
      conflicts: conflictsOf(after, override),
    };
  }

  async setOverride(spec: OverrideSpec): Promise<OverrideInForce> {
    this.#mustLead();
    this.#checkSubject(spec);
    const override = this.#override(spec);
    await this.#parts.overrides.put(override);
    await this.#audit(spec.author, `override set: ${spec.action.type}`, override, spec.reason);
    this.#parts.wake();
    return { ...override, effect: "from the next cycle on" };
  }

  async clearOverride(id: string, reason: string, author: string): Promise<void> {
    this.#mustLead();
    const override = (await this.#parts.overrides.list()).find((candidate) => candidate.id === id);
    if (override === undefined || !(await this.#parts.overrides.remove(id))) throw new UnknownNameError("override", id);
    await this.#audit(author, `override cleared: ${override.action.type}`, override, reason);
    this.#parts.wake();
  }

  async listOverrides(): Promise<OverrideInForce[]> {
    const nowMs = this.#parts.clock.nowMs();
    const all = await this.#parts.overrides.list();
    return all
      .filter((override) => override.expiresAtMs === undefined || override.expiresAtMs > nowMs)
      .map((override) => ({
        ...override,
        effect: this.#last === undefined ? "" : overrideEffect(this.#last.outcome, override),
      }));
  }

  async forgetSource(source: string, reason: string, author: string): Promise<void> {
    this.#mustLead();
    if (!(await this.#parts.forgetSource(source))) throw new UnknownNameError("source", source);
    const atMs = this.#parts.clock.nowMs();
    const effect = "its demand does not count any more";
    const entry = { atMs, actor: author, action: "source forgotten", subject: `source ${source}`, reason, effect };
    await this.#parts.keeper.update((memory) => withAudit(memory, { ...entry, revision: memory.revision }));
    this.#parts.wake();
  }

  async auditEvents(limit: number): Promise<AuditEntry[]> {
    return [...(this.#parts.keeper.memory.audit ?? [])].reverse().slice(0, limit);
  }

  async approve(revision: number, reason: string, author: string): Promise<void> {
    this.#mustLead();
    await this.#parts.keeper.update((memory) => {
      if (memory.proposal?.revision !== revision) throw new StaleApprovalError(revision, memory.proposal?.revision);
      const { summary } = memory.proposal;
      const atMs = this.#parts.clock.nowMs();
      const entry = {
        atMs,
        actor: author,
        action: "plan approved",
        subject: `plan ${revision}`,
        reason,
        effect: summary,
      };
      return withAudit({ ...memory, approvedRevision: revision }, { ...entry, revision });
    });
    this.#parts.wake();
  }

  #override(spec: OverrideSpec): WorldOverride {
    const createdAtMs = this.#parts.clock.nowMs();
    const { action, subject, reason, author, lifetimeMs } = spec;
    return {
      id: this.#parts.newId(),
      action,
      subject,
      reason,
      author,
      createdAtMs,
      ...(lifetimeMs === undefined ? {} : { expiresAtMs: createdAtMs + lifetimeMs }),
    };
  }

  /** @throws UnknownNameError */
  #checkSubject({ subject }: OverrideSpec): void {
    const { world } = this.#lastOrThrow().outcome;
    const names = {
      variant: world.variants.map((variant) => variant.key),
      pool: world.policy.pools.map((pool) => pool.name),
      node: world.inventory.nodes.map((node) => node.name),
    };
    if (!names[subject.kind].includes(subject.name)) throw new UnknownNameError(subject.kind, subject.name);
  }

  async #audit(actor: string, action: string, override: WorldOverride, reason: string): Promise<void> {
    const { subject, id, expiresAtMs } = override;
    const effect = expiresAtMs === undefined ? "until it is cleared" : `until ${new Date(expiresAtMs).toISOString()}`;
    const atMs = this.#parts.clock.nowMs();
    await this.#parts.keeper.update((memory) =>
      withAudit(memory, {
        atMs,
        actor,
        action,
        subject: `${subject.kind} ${subject.name} (${id})`,
        reason,
        effect,
        revision: memory.revision,
      }),
    );
  }

  #mustLead(): void {
    if (!this.#parts.leadership.mayAct()) throw new NotLeaderError(this.#parts.leadership.leader());
  }

  #present(): LivePlan {
    const plan = this.#publisher.present;
    if (plan === undefined) throw new NoPlanYetError(this.#whyNone);
    return plan;
  }

  #solvedOrThrow(): Solved {
    if (this.#solved === undefined) throw new NoPlanYetError(this.#whyNone);
    return this.#solved;
  }

  #lastOrThrow(): { outcome: CycleOutcome } {
    if (this.#last === undefined) throw new NoPlanYetError(this.#whyNone);
    return this.#last;
  }
}

type Remembered = ReturnType<typeof rememberedCycle>;

/** What people did while the cycle ran is not lost: audit, and an approval that came meanwhile. */
function merged(present: Remembered, cycle: Remembered, { world }: CycleOutcome): Remembered {
  const approvedMeanwhile = present.approvedRevision !== world.memory.approvedRevision;
  return {
    ...cycle,
    ...(present.audit === undefined ? {} : { audit: present.audit }),
    ...(approvedMeanwhile && present.approvedRevision !== undefined && { approvedRevision: present.approvedRevision }),
  };
}

function actedEntry({ revision, decision }: CycleOutcome, { written }: Acted, atMs: number): AuditEntry {
  const effect = decision.changes
    .filter(({ variant }) => written.has(variant))
    .map(({ variant, from }) => `${variant} ${from} → ${written.get(variant)}`)
    .join(", ");
  const reason = decision.notes.map((note) => note.sentence).join("; ") || "demand and supply of this cycle";
  return { atMs, actor: "apportion", action: "plan acted", subject: `plan ${revision}`, reason, effect, revision };
}

function eventsOf({ world, decision, revision }: CycleOutcome, acted: Acted): ClusterEvent[] {
  const uids = new Map(world.variants.map(({ key, uid }) => [key, uid]));
  const eventOf = (variant: string, event: Pick<ClusterEvent, "type" | "reason" | "message">): ClusterEvent => ({
    variant,
    uid: uids.get(variant) ?? "",
    ...event,
  });
  const scaled = decision.changes.flatMap(({ variant, from }) => {
    const to = acted.written.get(variant);
    if (to === undefined) return [];
    return [eventOf(variant, { type: "Normal", reason: "Scaled", message: `${from} → ${to} by plan ${revision}` })];
  });
  const refused = [...acted.refused].map(([variant, { reason, message }]) =>
    eventOf(variant, { type: "Warning", reason, message }),
  );
  return [...scaled, ...refused];
}

function conflictsOf({ solved, bounds }: CycleOutcome, override: WorldOverride): string[] {
  const floors = solved?.plan.conflicts.map(
    ({ rule, pool, asked, available }) => `${rule} in ${pool || "all pools"}: ${asked} asked, ${available} available`,
  );
  const notes = bounds.get(override.subject.name)?.notes ?? [];
  const unmet = notes.filter(({ code }) => code === "FloorLowered" || code === "OverrideSuperseded");
  return [...(floors ?? []), ...unmet.map((note) => note.sentence)];
}
