import type { Plan } from "@apportion/solver";
import { planDifference } from "../../plan/difference.ts";
import { type Change, whatIf } from "../../plan/what-if.ts";
import type {
  Live,
  LivePlan,
  LiveStatus,
  OverrideInForce,
  OverrideSpec,
  PlanSummary,
  SourceKind,
} from "../../ports/live.ts";
import type { SignalWarning } from "../../ports/signals.ts";
import type { AuditEntry } from "../../snapshot/world/memory.ts";
import type { World } from "../../snapshot/world/types.ts";
import { type FleetReport, fleetReport } from "../../status/fleet-report.ts";
import type { FleetView } from "../../status/metric-types.ts";
import { policyStatus } from "../../status/policy-status.ts";
import { variantStatuses } from "../../status/variant-status.ts";
import { type Acted, NOTHING_ACTED } from "./act.ts";
import { AuditTrail } from "./audit.ts";
import { carryOut, eventsOf } from "./carry-out.ts";
import { type CycleOutcome, planCycle } from "./cycle.ts";
import { Decisions } from "./decisions.ts";
import { NoPlanYetError } from "./errors.ts";
import type { FleetParts } from "./fleet-parts.ts";
import { Latest } from "./latest.ts";
import { livePlan } from "./live-plan.ts";
import { expiredSince, overrideConflicts, overrideStatuses } from "./override-effect.ts";
import { PlanHistory, planSummary } from "./plan-history.ts";
import { Publisher } from "./publisher.ts";
import { signalTargets } from "./signal-targets.ts";

type Statuses = ReturnType<typeof variantStatuses>;

/** The running fleet: cycles over the parts outside, and what callers see of them. */
export class Fleet implements Live {
  readonly #parts: FleetParts;
  readonly #publisher = new Publisher();
  readonly #latest = new Latest();
  readonly #history = new PlanHistory();
  readonly #trail: AuditTrail;
  readonly #decisions: Decisions;
  /** In the cycle before. */
  #led = false;
  /** Parts of the cluster that could not be read. */
  #unread: string[] = [];
  #refusedDrain: string[] = [];
  #signalWarnings: string[] = [];
  #readAtMs: number | undefined;

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.#trail = new AuditTrail(parts.keeper, parts.log);
    this.#decisions = new Decisions(parts, this.#trail, this.#latest);
  }

  /** One cycle. Never rejects. */
  async cycle(): Promise<void> {
    const { clock, log, keeper } = this.#parts;
    const startedAtMs = clock.nowMs();
    try {
      await this.#cycle(startedAtMs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#latest.whyNone = message;
      log.error({ error: error instanceof Error ? error.name : typeof error, message }, "cycle failed");
      const total = (clock.nowMs() - startedAtMs) / 1000;
      this.#parts.telemetry.cycleEnded({ outcome: "failed", seconds: { total } });
      if (error instanceof Error && error.name === "StoreConflictError") await keeper.load().catch(() => undefined);
    }
  }

  async #cycle(startedAtMs: number): Promise<void> {
    const { leadership, clock, solver } = this.#parts;
    const leads = leadership.mayAct();
    await this.#takeOver(leads);
    const world = await this.#takeWorld(startedAtMs);
    const acts = leads && world.otherInstallation === undefined;
    await this.#parts.record(world);
    const readAtMs = clock.nowMs();
    const outcome = await planCycle(world, (snapshot) => solver.solve(snapshot, world.policy.timeLimitMs));
    const { held } = outcome.decision;
    leadership.unfit(held?.code === "ClockSkew" ? held.sentence : undefined);
    const plannedAtMs = clock.nowMs();
    const acted = acts ? await this.#carryOut(outcome) : NOTHING_ACTED;
    const statuses = statusesOf(outcome, acted);
    if (outcome.solved !== undefined && held === undefined) this.#latest.solved = outcome.solved;
    this.#publish(outcome, statuses);
    this.#history.add(planSummary(outcome, outcome.solved ?? this.#latest.solved));
    if (acts) await this.#tell(outcome, acted, statuses);
    const endedAtMs = clock.nowMs();
    const { solved } = this.#latest;
    this.#latest.cycle = { outcome, tookMs: endedAtMs - startedAtMs };
    this.#latest.view = { ...outcome, statuses, ...(solved === undefined ? {} : { solved }) };
    this.#takeDown(outcome, { leads, written: acted.written.size, startedAtMs, readAtMs, plannedAtMs, endedAtMs });
  }

  /** What whoever led before has left: read anew as long as others lead, and once more when this process begins to. */
  async #takeOver(leads: boolean): Promise<void> {
    const { keeper, reports } = this.#parts;
    if (!leads || !this.#led) {
      await keeper.load();
      await reports.adopt(keeper.memory);
    }
    this.#led = leads;
  }

  async #takeWorld(takenAtMs: number): Promise<World> {
    const { cluster, keeper, reports, clock, signals } = this.#parts;
    const { actedRevision, policyWriter, unread, ...reading } = await cluster.read(takenAtMs);
    const rival = this.#parts.installations.rival(policyWriter, clock.monotonicMs());
    this.#unread = unread.map(({ part, reason }) => `${part}: ${reason}`);
    const collected = await signals?.collect(signalTargets(reading), takenAtMs);
    this.#signalWarnings = collected?.warnings.map(warningText) ?? [];
    if (unread.length === 0) this.#readAtMs = takenAtMs;
    // Reports are in the world as demands; who repeats its cycle needs them once.
    const { reports: _reports, forgotten: _forgotten, ...memory } = keeper.memory;
    return {
      apiVersion: "apportion.dev/v1",
      kind: "World",
      takenAtMs,
      ...reading,
      ...(rival === undefined ? {} : { otherInstallation: rival }),
      demands: reports.demands(),
      ...(collected === undefined ? {} : { signals: collected.signals }),
      // What acted last is known to the cluster even where the memory was lost.
      memory: { ...memory, revision: Math.max(memory.revision, actedRevision) },
    };
  }

  async #carryOut(outcome: CycleOutcome): Promise<Acted> {
    const { actuator, keeper, reports, leadership, clock, log } = this.#parts;
    const workloads = new Set(outcome.world.variants.map(({ workload }) => workload));
    const { acted, refusedDrain } = await carryOut(
      {
        actuator,
        keeper,
        trail: this.#trail,
        reports: () => reports.remembered(workloads),
        mayAct: () => leadership.mayAct(),
        clock,
        log,
      },
      outcome,
    );
    this.#refusedDrain = refusedDrain;
    return acted;
  }

  #publish(outcome: CycleOutcome, statuses: Statuses): void {
    const plan = this.#latest.solved?.plan;
    if (plan === undefined) {
      const note = outcome.decision.held ?? outcome.decision.notes[0];
      this.#latest.whyNone = note?.sentence ?? "nothing can be planned";
      return;
    }
    this.#publisher.publish(livePlan(outcome, plan, statuses));
  }

  /** Statuses and events. */
  async #tell(outcome: CycleOutcome, acted: Acted, statuses: Statuses): Promise<void> {
    const { status, events, clock, log, installations, leadership } = this.#parts;
    const before = this.#latest.cycle?.outcome;
    if (before !== undefined) await this.#decisions.expired(expiredSince(before, outcome.world.takenAtMs));
    const written = await status.write({
      atMs: clock.nowMs(),
      variants: statuses,
      overrides: overrideStatuses(outcome),
      policy: policyStatus(saidOf(outcome, acted), installations.signature(leadership.leader())),
    });
    await events.publish(eventsOf(outcome, acted));
    for (const failure of written.failed) log.warn({ ...failure }, "status not written");
  }

  /** In the metrics and the log. */
  #takeDown(outcome: CycleOutcome, { leads, written, ...at }: CycleTimes): void {
    const { held, changes } = outcome.decision;
    const [readMs, planMs] = [at.readAtMs - at.startedAtMs, at.plannedAtMs - at.readAtMs];
    const [writeMs, totalMs] = [at.endedAtMs - at.plannedAtMs, at.endedAtMs - at.startedAtMs];
    this.#parts.telemetry.cycleEnded({
      outcome: held === undefined ? "planned" : "held",
      seconds: { read: readMs / 1000, plan: planMs / 1000, write: writeMs / 1000, total: totalMs / 1000 },
    });
    this.#parts.log.info(
      {
        revision: outcome.revision,
        leads,
        held: held?.code,
        changes: changes.length,
        written,
        readMs,
        planMs,
        writeMs,
      },
      "cycle",
    );
  }

  status(): LiveStatus {
    const { leadership } = this.#parts;
    const { cycle, whyNone } = this.#latest;
    const plan = this.#publisher.present;
    if (plan === undefined) throw new NoPlanYetError(whyNone);
    return {
      leader: leadership.mayAct(),
      leaderIdentity: leadership.leader(),
      plan,
      lastCycleAtMs: cycle?.outcome.world.takenAtMs ?? 0,
      lastCycleMs: cycle?.tookMs ?? 0,
      warnings: [...this.#unread, ...this.#refusedDrain, ...this.#signalWarnings],
    };
  }

  fleet(): FleetReport {
    if (this.#latest.view === undefined) throw new NoPlanYetError(this.#latest.whyNone);
    return fleetReport(this.#latest.view);
  }

  plans(limit: number): PlanSummary[] {
    return this.#history.newest(limit);
  }

  /** For those who watch the service: the last cycle, and when the cluster was last read completely. */
  observed(): { fleet?: FleetView; unreadParts: number; readAtMs?: number } {
    const { view } = this.#latest;
    return {
      ...(view === undefined ? {} : { fleet: view }),
      unreadParts: this.#unread.length,
      ...(this.#readAtMs === undefined ? {} : { readAtMs: this.#readAtMs }),
    };
  }

  demandStaleAfterMs(): number {
    return this.#latest.cycle?.outcome.world.policy.demandStaleAfterMs ?? Number.POSITIVE_INFINITY;
  }

  watch(afterRevision: number, listener: (plan: LivePlan) => void): () => void {
    return this.#publisher.watch(afterRevision, listener);
  }

  async whatIf(changes: readonly Change[], signal: AbortSignal): Promise<{ before: Plan; after: Plan }> {
    const { problem, plan } = this.#latest.solvedOrThrow();
    const after = await this.#parts.solver.solveProblem(whatIf(problem, changes), plan, signal);
    return { before: plan, after };
  }

  async previewOverride(spec: OverrideSpec, _signal: AbortSignal): ReturnType<Live["previewOverride"]> {
    const before = this.#latest.outcomeOrThrow();
    const override = this.#decisions.overrideOf(spec);
    const world = await this.#takeWorld(this.#parts.clock.nowMs());
    const after = await planCycle({ ...world, overrides: [...world.overrides, override] }, (snapshot) =>
      this.#parts.solver.solveApart(snapshot, world.policy.timeLimitMs),
    );
    if (before.solved === undefined || after.solved === undefined) {
      throw new NoPlanYetError(after.decision.held?.sentence ?? this.#latest.whyNone);
    }
    return {
      difference: planDifference(before.solved.plan, after.solved.plan),
      conflicts: overrideConflicts(after, override),
    };
  }

  setOverride(spec: OverrideSpec): Promise<OverrideInForce> {
    return this.#decisions.setOverride(spec);
  }

  clearOverride(id: string, reason: string, author: string): Promise<void> {
    return this.#decisions.clearOverride(id, reason, author);
  }

  listOverrides(): Promise<OverrideInForce[]> {
    return this.#decisions.listOverrides();
  }

  forgetSource(kind: SourceKind, source: string, reason: string, author: string): Promise<void> {
    return this.#decisions.forgetSource(kind, source, reason, author);
  }

  auditEvents(limit: number): Promise<AuditEntry[]> {
    return this.#decisions.auditEvents(limit);
  }

  approve(revision: number, reason: string, author: string): Promise<void> {
    return this.#decisions.approve(revision, reason, author);
  }
}

function warningText({ source, subject, message }: SignalWarning): string {
  return `signals of ${source}${subject === undefined ? "" : ` (${subject})`}: ${message}`;
}

interface CycleTimes {
  leads: boolean;
  /** Counts that were written. */
  written: number;
  startedAtMs: number;
  readAtMs: number;
  plannedAtMs: number;
  endedAtMs: number;
}

function saidOf(outcome: CycleOutcome, acted: Acted) {
  return {
    ...outcome,
    ...(outcome.solved === undefined ? {} : { plan: outcome.solved.plan }),
    deferred: outcome.order.deferred,
    ...acted,
  };
}

function statusesOf(outcome: CycleOutcome, acted: Acted): Statuses {
  return variantStatuses(saidOf(outcome, acted));
}
