import type { ReplicaStates, VariantReplicas } from "../model/replicas/types.ts";
import type { PlannableVariant } from "../plan/plannable-variant.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { TrustMemory } from "../snapshot/world/memory.ts";
import type { Policy, World } from "../snapshot/world/types.ts";

/** Key of a pool and a replica size: `pool/size`. */
function trustKey({ pool, target }: PlannableVariant): string {
  return `${pool}/${target.devicesPerReplica}`;
}

interface Family {
  variants: { member: PlannableVariant; state: VariantReplicas }[];
}

/** Plannable variants by pool and size, in order of key. */
function families(states: ReplicaStates, resolved: ResolvedWorld): Map<string, Family> {
  const found = new Map<string, Family>();
  for (const member of resolved.plannable.values()) {
    const state = states.get(member.variant.key);
    if (state === undefined) continue;
    const family = found.get(trustKey(member)) ?? { variants: [] };
    family.variants.push({ member, state });
    found.set(trustKey(member), family);
  }
  return found;
}

function total(family: Family, of: "scheduled" | "overdue"): number {
  return family.variants.reduce((sum, { state }) => sum + state[of], 0);
}

/**
 * The trust in every pool and size after what was seen. It is lost when a replica stays refused for longer than the
 * policy's timeout; a probe (one more replica) is due after a time that doubles with every probe that fails; it returns
 * when more replicas of the size have nodes than when it was lost, or when the probe began, and none is refused any more.
 */
export function updatedTrust(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
): Record<string, TrustMemory> {
  const { policy, takenAtMs } = world;
  const known = families(states, resolved);
  const next: Record<string, TrustMemory> = {};
  for (const key of [...new Set([...Object.keys(world.memory.trust), ...known.keys()])].sort()) {
    const before = Object.hasOwn(world.memory.trust, key) ? world.memory.trust[key] : undefined;
    const family = known.get(key);
    // Without a variant of this size nobody asks, and nobody needs to know.
    if (family === undefined) continue;
    const after = before === undefined ? lost(family, policy, takenAtMs) : kept(before, family, policy, takenAtMs);
    if (after !== undefined) next[key] = after;
  }
  return next;
}

function lost(family: Family, policy: Policy, nowMs: number): TrustMemory | undefined {
  const refusal = refusalOf(family);
  if (refusal === undefined) return undefined;
  return {
    lostAtMs: nowMs,
    probeAtMs: nowMs + backoff(policy, 0),
    failures: 0,
    reason: refusal,
    probing: false,
    scheduled: total(family, "scheduled"),
  };
}

function kept(before: TrustMemory, family: Family, policy: Policy, nowMs: number): TrustMemory | undefined {
  const scheduled = total(family, "scheduled");
  const refusal = refusalOf(family);
  // One found a node while another is still refused: what runs is more, and that is all.
  if (scheduled > before.scheduled) return refusal === undefined ? undefined : { ...before, scheduled };
  if (!before.probing) {
    if (nowMs < before.probeAtMs) return before;
    return { ...before, probing: true, probeAtMs: nowMs, scheduled };
  }
  if (refusal === undefined) return before;
  const failures = before.failures + 1;
  return { ...before, probing: false, failures, reason: refusal, probeAtMs: nowMs + backoff(policy, failures) };
}

function backoff(policy: Policy, failures: number): number {
  return Math.min(policy.probeAfterMaxMs, policy.probeAfterMs * 2 ** failures);
}

/** What the scheduler said about the first replica that is overdue. */
function refusalOf(family: Family): string | undefined {
  const refused = family.variants.flatMap(({ state }) => state.replicas).find((replica) => replica.overdue);
  return refused === undefined ? undefined : (refused.reason ?? "unschedulable");
}

/** What lost trust leaves a variant. */
export interface TrustCap {
  maxReplicas: number;
  /** One of them is the probe. */
  probe: boolean;
  trust: TrustMemory;
}

/**
 * Caps of variants whose pool and size are not trusted: what has a node, or a node on its way, or the scheduler has not
 * spoken about; not one more. While a probe is due, one variant may have one more: the one whose replica is refused but
 * not overdue (the probe under way), else the most important that is not `barred`, taking turns. Nothing is added while a
 * replica of the size is still in flight.
 *
 * This is the row `pool/size` with the capacity of what runs, split among its variants: no new replica of the size starts.
 * It is stricter than the row in one way: the slot of a replica that stops goes to another variant only by a probe.
 */
export function trustCaps(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
  trust: Record<string, TrustMemory>,
  barred: ReadonlySet<string>,
): Map<string, TrustCap> {
  const caps = new Map<string, TrustCap>();
  for (const [key, family] of families(states, resolved)) {
    const record = Object.hasOwn(trust, key) ? trust[key] : undefined;
    if (record === undefined) continue;
    const chosen = record.probing ? prober(world, family, record, barred) : undefined;
    for (const { member, state } of family.variants) {
      const runs = state.current - (state.unschedulable - state.overdue);
      const probe = member.variant.key === chosen;
      caps.set(member.variant.key, { maxReplicas: runs + (probe ? 1 : 0), probe, trust: record });
    }
  }
  return caps;
}

function prober(world: World, family: Family, record: TrustMemory, barred: ReadonlySet<string>): string | undefined {
  const underWay = family.variants.find(({ state }) => state.unschedulable > state.overdue);
  if (underWay !== undefined) return underWay.member.variant.key;
  if (family.variants.some(({ state }) => state.pending > 0)) return undefined;
  const open = family.variants
    .map(({ member }) => member)
    .filter(({ variant }) => !barred.has(variant.key))
    .sort((a, b) => a.serviceClass.priority - b.serviceClass.priority);
  if (open.length === 0) return undefined;
  const turn = Math.floor((world.takenAtMs - record.probeAtMs) / Math.max(1, world.policy.probeAfterMs));
  return open[turn % open.length]!.variant.key;
}
