import type { Note } from "../domain/reason-codes.ts";
import type { ReplicaStates } from "../model/replicas/types.ts";
import type { World, WorldNode, WorldServiceClass, WorldTarget, WorldVariant } from "../snapshot/world/types.ts";
import { demands } from "./demand/demands.ts";
import { type IdleOutcome, idleOutcome } from "./demand/idle.ts";
import type { Demand } from "./demand/types.ts";
import type { PlannableVariant } from "./plannable-variant.ts";
import { poolNodes, selects } from "./pools-nodes.ts";
import { type CapacityOf, capacityOf } from "./variant-capacity.ts";

/**
 * The world with its names resolved. A variant is either plannable or left alone: nobody writes to its target, and what its
 * pods hold is not free.
 */
export interface ResolvedWorld {
  /** Nodes by pool, in order of name. */
  nodes: Map<string, WorldNode[]>;
  demands: Map<string, Demand>;
  /** By variant, in order of key. */
  plannable: Map<string, PlannableVariant>;
  leftAlone: Map<string, Note>;
  /** By workload, what is decided about zero where somebody said something about it. */
  idle: Map<string, IdleOutcome>;
}

type Resolved = { ok: true; value: PlannableVariant } | { ok: false; note: Note };

/** `capacity` may be a cache in front of `capacityOf`. */
export function resolveWorld(world: World, states: ReplicaStates, capacity: CapacityOf = capacityOf): ResolvedWorld {
  const nodes = poolNodes(world);
  const asked = demands(world, states);
  const targets = new Map(world.targets.map((target) => [target.key, target]));
  const classes = new Map(world.classes.map((rule) => [rule.name, rule]));
  const plannable = new Map<string, PlannableVariant>();
  const leftAlone = new Map<string, Note>();
  const owners = new Map<string, string>();
  const heads = new Map<string, PlannableVariant>();
  for (const variant of [...world.variants].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const owner = owners.get(variant.target);
    owners.set(variant.target, owner ?? variant.key);
    const resolved =
      owner === undefined
        ? resolveVariant(world, states, {
            variant,
            targets,
            classes,
            nodes,
            demand: asked.get(variant.workload),
            capacity,
          })
        : refused("TargetShared", `${variant.target} is scaled by variant ${owner} already`);
    const head = heads.get(variant.workload);
    const checked = resolved.ok && head !== undefined ? agreeing(resolved, head) : resolved;
    if (checked.ok) {
      plannable.set(variant.key, checked.value);
      heads.set(variant.workload, head ?? checked.value);
    } else leftAlone.set(variant.key, checked.note);
  }
  partRoles(plannable, leftAlone);
  return { nodes, demands: asked, plannable, leftAlone, idle: idleOutcomes(world, states, plannable, asked) };
}

interface Context {
  variant: WorldVariant;
  targets: ReadonlyMap<string, WorldTarget>;
  classes: ReadonlyMap<string, WorldServiceClass>;
  nodes: ReadonlyMap<string, WorldNode[]>;
  demand: Demand | undefined;
  capacity: CapacityOf;
}

function refused(code: Note["code"], sentence: string): Resolved & { ok: false } {
  return { ok: false, note: { code, sentence } };
}

function resolveVariant(world: World, states: ReplicaStates, context: Context): Resolved {
  const { variant, targets, classes } = context;
  const target = targets.get(variant.target);
  if (target === undefined || !target.found) return refused("TargetMissing", `${variant.target} does not exist`);
  if (target.problem !== undefined) return refused("TargetUnusable", `${variant.target}: ${target.problem}`);
  if (!(target.devicesPerReplica > 0) || target.resource === undefined) {
    return refused("DevicesUnknown", `${variant.target} does not say how many devices a replica asks for`);
  }
  const serviceClass = classes.get(variant.serviceClass);
  if (serviceClass === undefined) {
    return refused("ServiceClassMissing", `service class ${variant.serviceClass} does not exist`);
  }
  const home = homeOf(world, states, target, context);
  if (home === undefined) {
    return refused("PoolUnknown", `no pool with ${target.resource} has nodes that ${variant.target} selects`);
  }
  const capacity = context.capacity(world, { variant, serviceClass, demand: context.demand });
  if (!capacity.ok) return refused(capacity.code, capacity.reason);
  const { pool, notes } = home;
  return {
    ok: true,
    value: {
      variant,
      target,
      serviceClass,
      pool,
      capacityPerSecond: capacity.perSecond,
      capacityBasis: capacity.basis,
      notes,
    },
  };
}

/** The pool whose nodes the target selects: where several do, the one it runs in most, then the one with most such nodes, then policy order. */
function homeOf(
  world: World,
  states: ReplicaStates,
  target: WorldTarget,
  { variant, nodes }: Context,
): { pool: string; notes: Note[] } | undefined {
  const running = states.get(variant.key)?.replicas.flatMap((replica) => replica.nodes) ?? [];
  const candidates = world.policy.pools.flatMap(({ name, resource, nodeLabels }) => {
    if (resource !== target.resource) return [];
    const own = (nodes.get(name) ?? []).filter((node) => selects(target, node.labels));
    const names = new Set(own.map((node) => node.name));
    // A pool of no nodes yet is known by its labels alone.
    const empty = (nodes.get(name) ?? []).length === 0 && selects(target, nodeLabels);
    if (own.length === 0 && !empty) return [];
    return [{ name, running: running.filter((node) => names.has(node)).length, nodes: own.length }];
  });
  const home = candidates.reduce<(typeof candidates)[number] | undefined>((best, next) => {
    if (best === undefined) return next;
    const better = next.running - best.running || next.nodes - best.nodes;
    return better > 0 ? next : best;
  }, undefined);
  if (home === undefined) return undefined;
  const others = candidates.filter((candidate) => candidate !== home && candidate.nodes > 0);
  if (others.length === 0) return { pool: home.name, notes: [] };
  const names = others.map((candidate) => candidate.name).join(", ");
  const sentence = `${target.key} selects nodes of ${home.name} and of ${names}; it is planned in ${home.name}: narrow its node selector`;
  return { pool: home.name, notes: [{ code: "PoolAmbiguous", sentence }] };
}

function idleOutcomes(
  world: World,
  states: ReplicaStates,
  plannable: ReadonlyMap<string, PlannableVariant>,
  asked: ReadonlyMap<string, Demand>,
): Map<string, IdleOutcome> {
  const byWorkload = Map.groupBy(plannable.values(), ({ variant }) => variant.workload);
  const outcomes = new Map<string, IdleOutcome>();
  for (const [workload, members] of byWorkload) {
    const demand = asked.get(workload);
    const outcome = demand === undefined ? undefined : idleOutcome(world, states, members, demand);
    if (outcome !== undefined) outcomes.set(workload, outcome);
  }
  return outcomes;
}

/** Variants of one workload share its class and tenant: those of the first variant by key. */
function agreeing(resolved: Resolved & { ok: true }, head: PlannableVariant): Resolved {
  const [own, first] = [resolved.value.variant, head.variant];
  for (const field of ["serviceClass", "tenant"] as const) {
    if (own[field] === first[field]) continue;
    const sentence = `${field} is ${own[field] ?? "absent"}, and ${first[field] ?? "absent"} in ${first.key}, which serves the same workload`;
    return refused("WorkloadDisagrees", sentence);
  }
  return resolved;
}

/** A prefill variant without a decode one (or the other way round) serves nothing: it is left alone. */
function partRoles(plannable: Map<string, PlannableVariant>, leftAlone: Map<string, Note>): void {
  const byWorkload = Map.groupBy(plannable.values(), ({ variant }) => variant.workload);
  for (const [workload, members] of byWorkload) {
    const roles = new Set(members.map(({ variant }) => variant.role));
    if (roles.has("prefill") === roles.has("decode")) continue;
    const partner = roles.has("prefill") ? "decode" : "prefill";
    for (const { variant } of members) {
      if (variant.role === "both") continue;
      plannable.delete(variant.key);
      const sentence = `no ${partner} variant of ${workload} can be planned, and ${variant.role} serves nothing alone`;
      leftAlone.set(variant.key, { code: "RolePartnerMissing", sentence });
    }
  }
}
