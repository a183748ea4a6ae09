import type { Note } from "../domain/reason-codes.ts";
import { variantMemory } from "../model/replicas/observe.ts";
import type { PlannableVariant } from "../plan/plannable-variant.ts";
import type { ReplicaRange } from "../plan/world-to-snapshot.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World } from "../snapshot/world/types.ts";
import type { BehaviorRange } from "./behavior.ts";
import type { VariantOverrides } from "./overrides.ts";
import { isQuarantined } from "./quarantine.ts";
import type { TrustCap } from "./trust.ts";

/** What one variant may be planned at in this cycle, and why. `minReplicas` ≤ `maxReplicas`, which may be Infinity. */
export interface VariantBounds extends ReplicaRange {
  /** `spec.replicas` now. */
  asked: number;
  /** Supply now and to come, of what is asked for. */
  current: number;
  /** Nothing is written to its target, whatever the plan says. */
  leaveAlone: boolean;
  /** Planned as any other, and another reads the count and writes it. */
  handed: boolean;
  /** Part of its demand is not known: never less than `asked` is written. */
  neverShrink: boolean;
  /** Behavior applies: nobody decided its count. */
  behaves: boolean;
  notes: Note[];
}

/** The bounds of one variant while they are made, layer by layer. */
export class BoundsLayers {
  private readonly world: World;
  private readonly member: PlannableVariant;
  private readonly resolved: ResolvedWorld;
  private readonly asked: number;
  private readonly current: number;
  private readonly notes: Note[];
  private min: number;
  private max: number;
  private leaveAlone = false;
  private neverShrink = false;
  private behaves = true;
  /** A person asked for at least this many. */
  private insisted = 0;

  constructor(world: World, resolved: ResolvedWorld, member: PlannableVariant, asked: number, current: number) {
    this.world = world;
    this.resolved = resolved;
    this.member = member;
    this.asked = asked;
    this.current = current;
    this.notes = [...member.notes];
    const { minReplicas, maxReplicas } = member.variant;
    this.max = maxReplicas ?? Number.POSITIVE_INFINITY;
    this.min = minReplicas;
    this.cap(this.max, undefined);
  }

  /** Without data nothing shrinks: with none nothing changes either, but towards the variant's own floor. */
  applyDemand(): void {
    const demand = this.resolved.demands.get(this.member.variant.workload);
    const sources = demand?.staleSources.join(", ") ?? "";
    if (demand === undefined || demand.known === "none") {
      const why = sources === "" ? (demand?.basis ?? "nobody reports its demand") : `no report in time from ${sources}`;
      this.note("DemandUnknown", `${why}: it keeps what it has`);
      const held = Math.max(this.asked, this.min);
      this.leaveAlone = held === this.asked;
      this.fix(held);
      this.neverShrink = true;
    } else if (demand.known === "some") {
      this.note("DemandPartlyStale", `no report in time from ${sources}: it does not shrink`);
      this.neverShrink = true;
      this.min = Math.max(this.min, this.asked);
      this.max = Math.max(this.max, this.min);
    } else if (demand.perSecond === 0 && this.min > 0) {
      this.note("KeptAboveZero", `nothing is asked of it; its floor of ${this.min} keeps it from zero`);
    }
  }

  /** The one variant that a workload at zero is woken with. */
  applyWakeUp(): void {
    const { key, workload } = this.member.variant;
    const wakes = this.resolved.idle.get(workload)?.wakes;
    if (wakes?.variant !== key || this.max < 1 || this.min >= 1 || !this.behaves) return;
    this.note("WokenFirst", wakes.reason);
    this.min = 1;
  }

  applyBehavior(range: BehaviorRange | undefined): void {
    if (range === undefined || !this.behaves) return;
    const inside = (value: number) => Math.min(Math.max(value, this.min), this.max);
    const [low, high] = [inside(range.min), inside(range.max)];
    if (low > this.min && range.minNote !== undefined) this.notes.push(range.minNote);
    if (high < this.max && range.maxNote !== undefined && range.maxNote !== range.minNote) {
      this.notes.push(range.maxNote);
    }
    [this.min, this.max] = [low, high];
  }

  applyManualPin(): void {
    const { manualPin } = variantMemory(this.world, this.member.variant.key);
    if (manualPin === undefined || this.world.takenAtMs >= manualPin.untilMs) return;
    const until = new Date(manualPin.untilMs).toISOString();
    this.note("ManualPin", `${manualPin.manager} scaled it to ${manualPin.replicas}: that stands until ${until}`);
    this.decide(manualPin.replicas);
  }

  applyOverrides(overrides: VariantOverrides): void {
    const { variant, target } = this.member;
    const owner = target.ownedBy;
    if (owner !== undefined || variant.suspended) {
      if (owner === undefined) this.note("Suspended", "it is suspended: nothing is written to its target");
      else this.note("OwnedByOther", `${owner} scales ${target.key}: it is left alone`);
      this.decide(this.asked);
      this.leaveAlone = true;
      return;
    }
    this.notes.push(...overrides.superseded);
    if (overrides.fixed !== undefined) {
      this.notes.push(overrides.fixed.note);
      this.decide(overrides.fixed.replicas);
      this.insisted = overrides.fixed.replicas;
    } else if (overrides.freeze !== undefined) {
      this.notes.push(overrides.freeze);
      this.decide(this.asked);
      this.leaveAlone = true;
    }
    this.applyEdges(overrides);
  }

  /** A floor or ceiling moves the range no further than it must. */
  private applyEdges({ floor, ceiling }: VariantOverrides): void {
    if (floor !== undefined) {
      this.notes.push(floor.note);
      this.insisted = floor.replicas;
      if (floor.replicas > this.asked) this.leaveAlone = false;
      this.min = Math.max(this.min, floor.replicas);
      this.max = Math.max(this.max, floor.replicas);
    }
    if (ceiling !== undefined) {
      this.notes.push(ceiling.note);
      if (ceiling.replicas < this.asked) [this.neverShrink, this.leaveAlone] = [false, false];
      this.max = Math.min(this.max, ceiling.replicas);
      this.min = Math.min(this.min, ceiling.replicas);
    }
  }

  /** What is ready or on its way stays; what fails is not asked for again, unless a person insists. */
  applyQuarantine(): void {
    const { quarantine } = variantMemory(this.world, this.member.variant.key);
    if (!isQuarantined(quarantine, this.world.takenAtMs)) return;
    const until = new Date(quarantine.untilMs).toISOString();
    const sentence = `its replicas fail (${quarantine.reason}): none is added until ${until}`;
    this.cap(Math.max(this.current, this.insisted), { code: "Quarantined", sentence });
  }

  applyTrust(cap: TrustCap | undefined): void {
    if (cap === undefined) return;
    const { pool, target } = this.member;
    const what = `${pool} is not trusted for replicas of ${target.devicesPerReplica} devices`;
    const sentence = cap.probe
      ? `${what}: one more is tried (${cap.trust.reason})`
      : `${what} (${cap.trust.reason}): none is added until it is tried again`;
    this.cap(cap.maxReplicas, { code: cap.probe ? "TrustProbe" : "TrustLost", sentence });
  }

  /** Last, so that what limits the count is told first. */
  applyHandover(): void {
    const { handedTo, key } = this.member.target;
    if (handedTo === undefined || this.leaveAlone) return;
    this.note("HandedToKeda", `${handedTo} reads the count here and scales ${key}: nothing is written from here`);
  }

  /** What nobody may change is planned at what it supplies. */
  result(): VariantBounds {
    if (this.leaveAlone) this.fix(Math.min(this.current, this.max));
    return {
      minReplicas: this.min,
      maxReplicas: this.max,
      asked: this.asked,
      current: this.current,
      leaveAlone: this.leaveAlone,
      handed: this.member.target.handedTo !== undefined,
      neverShrink: this.neverShrink,
      behaves: this.behaves && !this.leaveAlone,
      notes: this.notes,
    };
  }

  private note(code: Note["code"], sentence: string): void {
    this.notes.push({ code, sentence });
  }

  private fix(replicas: number): void {
    [this.min, this.max] = [replicas, replicas];
    this.behaves = false;
  }

  /** A person's number: data that is missing does not stand against it. */
  private decide(replicas: number): void {
    this.fix(replicas);
    [this.neverShrink, this.leaveAlone] = [false, false];
  }

  private cap(most: number, note: Note | undefined): void {
    if (note !== undefined) this.notes.push(note);
    if (this.min > most) {
      this.note("FloorLowered", `at least ${this.min} are wanted, and ${most} is the most that it may have`);
      this.min = most;
    }
    this.max = Math.min(this.max, most);
  }
}
