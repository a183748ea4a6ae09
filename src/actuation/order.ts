import type { ReplicaStates } from "../model/replicas/types.ts";
import type { PlannableVariant } from "../plan/plannable-variant.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World } from "../snapshot/world/types.ts";
import { podCosts } from "./pod-costs.ts";
import { Room } from "./room.ts";
import type { Change, Deferred, Order, Step } from "./types.ts";

/**
 * The order in which changes are carried out. Starts that fit beside what runs come first. A stop that would take ready
 * supply away which its workload still needs waits until what replaces it is ready (make before break), unless a start of the
 * plan does not fit before it: then devices are freed first, and the start follows.
 */
export function orderChanges(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
  changes: readonly Change[],
): Order {
  const known = changes.flatMap((change) => {
    const member = resolved.plannable.get(change.variant);
    return member === undefined || change.to === change.from ? [] : [{ change, member }];
  });
  const starts = known.filter(({ change }) => change.to > change.from).sort(moreImportantFirst);
  const stops = known
    .filter(({ change }) => change.to < change.from)
    .sort(moreImportantFirst)
    .reverse();
  const { fitting, waiting } = fitStarts(new Room(world, resolved), starts);
  const shortPools = new Set(waiting.map(({ member }) => member.pool));
  const supply = new Supply(states, resolved, known);
  const now: Change[] = [];
  const deferred: Deferred[] = [];
  for (const { change, member } of stops) {
    const least = shortPools.has(member.pool) ? change.to : supply.leastAfterStop(change, member);
    if (least > change.to) deferred.push({ change, note: waits(change, least) });
    if (least < change.from) {
      supply.stop(change.from - least, change.variant);
      now.push({ ...change, to: least });
    }
  }
  const withCosts = (list: readonly Change[]) =>
    list.map((change) => ({ ...change, deletionCosts: podCosts(world, states, change) }));
  const steps: Step[] = [
    { title: "start what fits beside what runs", changes: withCosts(fitting) },
    { title: "stop what is not needed any more", changes: withCosts(now) },
    { title: "start what the stops made room for", changes: withCosts(waiting.map(({ change }) => change)) },
  ];
  return { steps: steps.filter((step) => step.changes.length > 0), deferred };
}

interface Known {
  change: Change;
  member: PlannableVariant;
}

function moreImportantFirst(a: Known, b: Known): number {
  return (
    a.member.serviceClass.priority - b.member.serviceClass.priority ||
    b.member.target.devicesPerReplica - a.member.target.devicesPerReplica ||
    (a.change.variant < b.change.variant ? -1 : 1)
  );
}

/** Splits each start into what fits now and what has to wait for devices; counts below `from` are asked for already. */
function fitStarts(room: Room, starts: readonly Known[]): { fitting: Change[]; waiting: Known[] } {
  const fitting: Change[] = [];
  const waiting: Known[] = [];
  for (const { change, member } of starts) {
    const fit = room.take(member, change.to - change.from);
    const middle = change.from + fit;
    if (middle > change.from) fitting.push({ ...change, to: middle });
    if (middle < change.to) waiting.push({ change: { ...change, from: middle }, member });
  }
  return { fitting, waiting };
}

/** What the ready replicas of each workload serve, as stops take from it. */
class Supply {
  readonly #ready = new Map<string, number>();
  readonly #states: ReplicaStates;
  readonly #resolved: ResolvedWorld;
  /** What the plan lets the workload serve at the end: the rest of the demand is shed anyhow. */
  readonly #planned = new Map<string, number>();

  constructor(states: ReplicaStates, resolved: ResolvedWorld, known: readonly Known[]) {
    this.#states = states;
    this.#resolved = resolved;
    const planned = new Map(known.map(({ change }) => [change.variant, change.to]));
    for (const [key, { variant, capacityPerSecond }] of resolved.plannable) {
      const ready = states.get(key)?.ready ?? 0;
      this.#ready.set(key, ready);
      const replicas = planned.get(key) ?? states.get(key)?.asked ?? 0;
      const sum = (this.#planned.get(variant.workload) ?? 0) + replicas * capacityPerSecond;
      this.#planned.set(variant.workload, sum);
    }
  }

  /** The lowest count at or above `change.to` that leaves the workload the ready supply that it still needs. */
  leastAfterStop(change: Change, member: PlannableVariant): number {
    const { workload } = member.variant;
    const demand = this.#resolved.demands.get(workload)?.perSecond ?? 0;
    const needed = Math.min(demand, this.#planned.get(workload) ?? 0);
    const served = this.#served(workload);
    const spare = Math.max(0, served - needed);
    const ready = this.#ready.get(change.variant) ?? 0;
    // What is not ready goes first and takes no supply away.
    const unready = Math.max(0, change.from - ready);
    const stoppable = unready + Math.floor(spare / member.capacityPerSecond + 1e-9);
    return Math.max(change.to, change.from - stoppable);
  }

  stop(replicas: number, variant: string): void {
    const state = this.#states.get(variant);
    const unready = Math.max(0, (state?.asked ?? 0) - (state?.ready ?? 0));
    this.#ready.set(variant, Math.max(0, (this.#ready.get(variant) ?? 0) - Math.max(0, replicas - unready)));
  }

  /** By roles as the model has it: both + min(prefill, decode). */
  #served(workload: string): number {
    const sums = { both: 0, prefill: 0, decode: 0 };
    for (const [key, { variant, capacityPerSecond }] of this.#resolved.plannable) {
      if (variant.workload === workload) sums[variant.role] += (this.#ready.get(key) ?? 0) * capacityPerSecond;
    }
    return sums.both + Math.min(sums.prefill, sums.decode);
  }
}

function waits(change: Change, least: number): Deferred["note"] {
  const kept = least - change.to;
  return {
    code: "WaitsForStarts",
    sentence: `${kept} of the ${change.from - change.to} replicas to stop stay until what replaces them is ready`,
  };
}
