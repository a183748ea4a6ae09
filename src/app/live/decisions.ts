import { UnknownNameError } from "../../plan/what-if.ts";
import type { OverrideInForce, OverrideSpec, SourceKind } from "../../ports/live.ts";
import type { AuditEntry } from "../../snapshot/world/memory.ts";
import type { WorldOverride } from "../../snapshot/world/types.ts";
import type { AuditTrail } from "./audit.ts";
import { NotLeaderError, StaleApprovalError } from "./errors.ts";
import type { FleetParts } from "./fleet-parts.ts";
import type { Latest } from "./latest.ts";
import { overrideEffect } from "./override-effect.ts";

type DecisionParts = Pick<FleetParts, "overrides" | "leadership" | "reports" | "clock" | "wake" | "newId">;

const FORGOTTEN: Record<SourceKind, string> = {
  demand: "its demand does not count any more",
  inventory: "what it said there is does not count any more",
};
/** Sources that were forgotten, of which the memory keeps that they were: whoever leads next may have heard them. */
const MAX_FORGOTTEN = 1000;

/** What people decide: taken where this process leads, durable and in the audit trail when it returns. */
export class Decisions {
  readonly #parts: DecisionParts;
  readonly #trail: AuditTrail;
  readonly #latest: Latest;

  constructor(parts: DecisionParts, trail: AuditTrail, latest: Latest) {
    this.#parts = parts;
    this.#trail = trail;
    this.#latest = latest;
  }

  async setOverride(spec: OverrideSpec): Promise<OverrideInForce> {
    this.#mustLead();
    const override = this.overrideOf(spec);
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
    const outcome = this.#latest.cycle?.outcome;
    return (await this.#parts.overrides.list())
      .filter((override) => override.expiresAtMs === undefined || override.expiresAtMs > nowMs)
      .map((override) => ({
        ...override,
        effect: outcome === undefined ? "" : overrideEffect(outcome, override),
      }));
  }

  /** Takes down that overrides have reached their end. */
  async expired(overrides: readonly WorldOverride[]): Promise<void> {
    for (const override of overrides) {
      await this.#audit("apportion", `override expired: ${override.action.type}`, override, override.reason);
    }
  }

  async forgetSource(kind: SourceKind, source: string, reason: string, author: string): Promise<void> {
    this.#mustLead();
    if (!(await this.#parts.reports.forget(kind, source))) throw new UnknownNameError(`source of ${kind}`, source);
    const atMs = this.#parts.clock.nowMs();
    const subject = `source of ${kind} ${source}`;
    const entry = { atMs, actor: author, action: "source forgotten", subject, reason, effect: FORGOTTEN[kind] };
    await this.#trail.add(entry, (memory) => {
      const others = (memory.forgotten ?? []).filter((one) => one.kind !== kind || one.source !== source);
      return { ...memory, forgotten: [...others, { kind, source, atMs }].slice(-MAX_FORGOTTEN) };
    });
    this.#parts.wake();
  }

  async auditEvents(limit: number): Promise<AuditEntry[]> {
    return this.#trail.newest(limit);
  }

  async approve(revision: number, reason: string, author: string): Promise<void> {
    this.#mustLead();
    const atMs = this.#parts.clock.nowMs();
    const subject = `plan ${revision}`;
    await this.#trail.add(
      ({ proposal }) => {
        if (proposal?.revision !== revision) throw new StaleApprovalError(revision, proposal?.revision);
        const effect = proposal.summary;
        return { atMs, actor: author, action: "plan approved", subject, reason, effect, revision };
      },
      (memory) => ({ ...memory, approvedRevision: revision }),
    );
    this.#parts.wake();
  }

  /** @throws NoPlanYetError, UnknownNameError where there is no such subject */
  overrideOf(spec: OverrideSpec): WorldOverride {
    this.#checkSubject(spec);
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

  #checkSubject({ subject }: OverrideSpec): void {
    const { world } = this.#latest.outcomeOrThrow();
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
    await this.#trail.add({ atMs, actor, action, subject: `${subject.kind} ${subject.name} (${id})`, reason, effect });
  }

  #mustLead(): void {
    const { leadership } = this.#parts;
    if (!leadership.mayAct()) throw new NotLeaderError(leadership.leader());
  }
}
