import type { PlacementProblem, Variant } from "../../src/problem/types.ts";
import type { Counts } from "../quality.ts";
import { LAST_CHOICE, orderOf, type Server } from "./greedy-order.ts";
import { Nodes } from "./nodes.ts";

/** What servers that got no full allocation receive: nothing, all that is left in order, or turn by turn. */
export const BEST_EFFORTS = ["none", "exhaustive", "round-robin"] as const;
export type BestEffort = (typeof BEST_EFFORTS)[number];

/** Replicas of one variant that serve the whole demand, and their cost, start cost included. */
function candidates(demand: number, variants: readonly Variant[]): Server["candidates"] {
  return variants
    .map((v, variant) => {
      const replicas = Math.max(v.minReplicas, Math.ceil(demand / v.capacityPerSecond!));
      const starts = Math.max(0, replicas - v.currentReplicas);
      return { variant, replicas, value: replicas * v.costPerHour + starts * v.startCost };
    })
    .sort((a, b) => a.value - b.value || a.variant - b.variant);
}

function serversOf(problem: PlacementProblem): Server[] {
  return problem.workloads.flatMap((w, m): Server[] => {
    if (w.demandPerSecond === 0) return [];
    const list = candidates(w.demandPerSecond, w.variants);
    const full = list.filter((c) => c.replicas <= (w.variants[c.variant]!.maxReplicas ?? Number.POSITIVE_INFINITY));
    const delta = full.length > 1 ? full[1]!.value - full[0]!.value : LAST_CHOICE;
    return [{ workload: m, priority: w.priority, at: 0, candidates: full, partial: list, delta }];
  });
}

/**
 * The predecessors' limited-capacity optimizer (llm-inferno/optimizer-light, pkg/solver/greedy.go) as an algorithm, in words of our own: one
 * variant serves a workload whole. Servers stand in order of priority, then of regret (what the next candidate costs more than this one);
 * the first takes its cheapest candidate if it fits, else moves on to its next one and is put back by its new regret. What then is left of a
 * priority goes to those that got nothing, by `bestEffort`. Ties, there by map order, go by name here, so that a run can be repeated; node
 * shapes, which it does not know, are kept as a packing scheduler would keep them; and no server gets more replicas than it asked for.
 */
export function greedy(problem: PlacementProblem, bestEffort: BestEffort): Counts {
  const counts: Counts = problem.workloads.map((w) => w.variants.map(() => 0));
  const nodes = new Map(problem.pools.map((p) => [p.name, new Nodes(p)]));
  const place = (server: Server, variant: number, replicas: number): boolean => {
    const v = problem.workloads[server.workload]!.variants[variant]!;
    const pool = nodes.get(v.pool)!;
    if (replicas <= 0 || pool.room(v.devicesPerReplica) < replicas) return false;
    pool.take(v.devicesPerReplica, replicas);
    counts[server.workload]![variant]! += replicas;
    return true;
  };
  const servers = serversOf(problem);
  for (const priority of [...new Set(servers.map((s) => s.priority))].sort((a, b) => a - b)) {
    const group = servers.filter((s) => s.priority === priority);
    const left = allocate(group, place);
    const room = (server: Server, variant: number) => {
      const v = problem.workloads[server.workload]!.variants[variant]!;
      const most = v.maxReplicas ?? Number.POSITIVE_INFINITY;
      return Math.min(nodes.get(v.pool)!.room(v.devicesPerReplica), most - counts[server.workload]![variant]!);
    };
    if (bestEffort === "exhaustive") exhaust(left, room, place);
    if (bestEffort === "round-robin") takeTurns(left, room, place);
  }
  return counts;
}

type Place = (server: Server, variant: number, replicas: number) => boolean;
type Room = (server: Server, variant: number) => number;

/** Full allocations in order; the servers that got none, in the order in which they gave up. */
function allocate(group: Server[], place: Place): Server[] {
  const order = orderOf(group);
  const left: Server[] = [];
  for (let top = order.pop(); top; top = order.pop()) {
    const choice = top.candidates[top.at];
    if (!choice) {
      left.push(top);
      continue;
    }
    if (place(top, choice.variant, choice.replicas)) continue;
    top.at++;
    const [next, after] = [top.candidates[top.at], top.candidates[top.at + 1]];
    top.delta = next && after ? after.value - next.value : LAST_CHOICE;
    order.push(top);
  }
  return left;
}

function exhaust(left: Server[], room: Room, place: Place): void {
  for (const server of left)
    for (const { variant, replicas } of server.partial)
      if (place(server, variant, Math.min(replicas, room(server, variant)))) break;
}

/** One replica each and turn, of the candidate that had room on the first turn, until there is no more or enough. */
function takeTurns(left: Server[], room: Room, place: Place): void {
  const chosen = new Map<Server, { variant: number; left: number }>();
  for (let turn = left; turn.length > 0; )
    turn = turn.filter((server) => {
      const candidate = server.partial.find((c) => room(server, c.variant) > 0);
      const choice = chosen.get(server) ?? (candidate && { variant: candidate.variant, left: candidate.replicas });
      if (!choice || room(server, choice.variant) <= 0 || !place(server, choice.variant, 1)) return false;
      chosen.set(server, { ...choice, left: choice.left - 1 });
      return choice.left > 1;
    });
}
