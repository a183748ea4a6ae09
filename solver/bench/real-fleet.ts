import type { ObjectiveName, PlacementProblem, Pool, Variant, Workload } from "../src/problem/types.ts";
import { type Dice, diceOf, round3 } from "./fleets/dice.ts";
import { exampleProblem, type Minute, traceMinutes } from "./fleets/real-data.ts";
import { placeCurrent } from "./fleets/supply.ts";
import { SHED } from "./fleets/workloads.ts";

/**
 * Fleets of any size shaped like `examples/fleet.yaml`: its node shapes in their proportions, its models on its accelerators, and as demand
 * what some minutes of the Azure trace asked for, so bursts and long prompts come as often as there.
 */
export interface RealFleetOptions {
  workloads: number;
  /** Devices over what full service by the cheapest variants needs. */
  ratio: number;
  seed: number;
  objective: ObjectiveName;
}

/** Workloads for which one more zone with a pool of each of the seven accelerators is added, up to that many zones. */
const WORKLOADS_PER_ZONE = 1500;
const MOST_ZONES = 7;

interface Window {
  perSecond: number;
  /** Tokens of a request there over those of the whole trace. */
  length: number;
}

/** Three to ten minutes of the trace; at least one request. */
function windowOf(minutes: readonly Minute[], dice: Dice): Window {
  const size = 3 + dice.pick(8);
  const from = dice.pick(minutes.length - size);
  const sum = (list: readonly Minute[], f: (m: Minute) => number) => list.reduce((s, m) => s + f(m), 0);
  const mean = (list: readonly Minute[]) =>
    sum(list, (m) => m.tokens) /
    Math.max(
      1,
      sum(list, (m) => m.requests),
    );
  const inside = minutes.slice(from, from + size);
  const requests = sum(inside, (m) => m.requests);
  return {
    perSecond: Math.max(1, requests) / (60 * size),
    length: requests === 0 ? 1 : mean(inside) / mean(minutes),
  };
}

/** How many times the traced service a workload is: mostly 1 to 12, as in the example, seldom much more. */
function scaleOf(dice: Dice): number {
  return Math.exp(dice.between(0, Math.log(12))) * (dice.next() < 0.02 ? 10 : 1);
}

function variantsOf(template: Workload, name: string, demand: number, length: number, zones: number, dice: Dice) {
  const home = dice.pick(zones);
  return template.variants.map((v): Variant => {
    const zone = dice.next() < 0.8 ? home : dice.pick(zones);
    const capacityPerSecond = round3(v.capacityPerSecond! / length);
    return {
      ...v,
      name: `${name}-${v.pool}-x${v.devicesPerReplica}`,
      pool: `${v.pool}-z${zone}`,
      capacityPerSecond,
      currentReplicas: 0,
      maxReplicas: Math.ceil(demand / capacityPerSecond) + 1,
    };
  });
}

function workloadOf(index: number, template: Workload, window: Window, zones: number, dice: Dice): Workload {
  const name = `w${String(index).padStart(6, "0")}-${template.name}`;
  const demandPerSecond = round3(window.perSecond * scaleOf(dice));
  const variants = variantsOf(template, name, demandPerSecond, window.length, zones, dice);
  const cheapest = Math.min(
    ...variants.map((v) => v.costPerHour * Math.max(1, demandPerSecond / v.capacityPerSecond!)),
  );
  const shed = SHED[Math.min(SHED.length - 1, template.priority / 10)]!;
  const { tenant: _, ...rest } = template;
  return { ...rest, name, demandPerSecond, variants, shedPenalty: round3(shed * template.weight * cheapest) };
}

/** Devices that full service needs, each workload by its cheapest variant. */
function devicesNeeded(workloads: readonly Workload[]): number {
  return workloads.reduce((sum, w) => {
    const count = (v: Variant) => Math.ceil(w.demandPerSecond / v.capacityPerSecond!);
    const best = w.variants.reduce((a, b) => (count(a) * a.costPerHour <= count(b) * b.costPerHour ? a : b));
    return sum + count(best) * best.devicesPerReplica;
  }, 0);
}

const freeDevices = (pool: Pool) => (pool.nodes ?? []).reduce((sum, n) => sum + n.freeDevices * n.count, 0);

/** The example's node rows in every zone, their counts multiplied so that all devices together are `devices`. */
function poolsOf(example: readonly Pool[], zones: number, devices: number): Pool[] {
  const factor = devices / zones / example.reduce((sum, p) => sum + freeDevices(p), 0);
  return Array.from({ length: zones }, (_, zone) =>
    example.map((pool): Pool => {
      const rows = (pool.nodes ?? []).filter((n) => n.freeDevices > 0);
      const nodes = rows.map((n) => ({ ...n, count: Math.max(1, Math.round(n.count * factor)), holds: {} }));
      return { name: `${pool.name}-z${zone}`, nodes };
    }),
  ).flat();
}

/** A seeded fleet as a parsed problem. The same options give the same problem on every machine. Quotas are left out. */
export function realFleet(options: RealFleetOptions): PlacementProblem {
  const example = exampleProblem();
  const minutes = traceMinutes();
  const dice = diceOf(options.seed * 7919 + options.workloads * 31 + Math.round(options.ratio * 1000));
  const zones = Math.max(1, Math.min(MOST_ZONES, Math.ceil(options.workloads / WORKLOADS_PER_ZONE)));
  const workloads = Array.from({ length: options.workloads }, (_, i) => {
    const template = example.workloads[dice.pick(example.workloads.length)]!;
    return workloadOf(i, template, windowOf(minutes, dice), zones, dice);
  });
  const pools = poolsOf(example.pools, zones, options.ratio * devicesNeeded(workloads));
  placeCurrent(workloads, new Map(pools.map((p) => [p.name, freeDevices(p)])), dice);
  return {
    ...example,
    objective: options.objective,
    pools,
    classes: options.objective === "penalty" ? [] : example.classes,
    quotas: [],
    cohorts: [],
    workloads,
  };
}
