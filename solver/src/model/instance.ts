import type { PlacementProblem } from "../problem/types.ts";
import { byName } from "./order.ts";
import { poolShapes } from "./pool-shape.ts";
import { quotaRows } from "./quota-rows.ts";
import type { ClassModel, Instance, VariantModel, WorkloadKind, WorkloadModel } from "./types.ts";

export type * from "./types.ts";

function kindOf(w: PlacementProblem["workloads"][number]): WorkloadKind {
  if (w.demandPerSecond <= 0) return "idle";
  if (w.requestTypes) return "types";
  return w.variants.some((v) => v.role !== "both") ? "lanes" : "plain";
}

/** Replicas that serve all demand by this variant alone. */
export function replicasToServeAll(v: VariantModel, kind: WorkloadKind): number {
  if (kind === "idle") return 0;
  if (kind !== "types") return Math.ceil(1 / v.gain - 1e-9);
  const finite = v.replicasByType.filter(Number.isFinite);
  return Math.ceil(finite.reduce((a, b) => a + b, 0) - 1e-9);
}

function compileWorkloads(problem: PlacementProblem, classes: ClassModel[]) {
  const workloads: WorkloadModel[] = [];
  const variants: VariantModel[] = [];
  const classIndex = new Map(classes.map((c, i) => [c.priority, i]));
  const poolNames = problem.pools.map((p) => p.name).sort();
  const poolIndex = new Map(poolNames.map((n, i) => [n, i]));
  for (const w of [...problem.workloads].sort(byName)) {
    const cls = classIndex.get(w.priority)!;
    const kind = kindOf(w);
    const m = workloads.length;
    classes[cls]!.members.push(m);
    const types = (w.requestTypes ?? []).filter((t) => t.demandPerSecond > 0).sort(byName);
    const own: number[] = [];
    for (const v of [...w.variants].sort(byName)) {
      own.push(variants.length);
      const gain = kind === "plain" || kind === "lanes" ? (v.capacityPerSecond ?? 0) / w.demandPerSecond : 0;
      const replicasByType = types.map((t) => {
        const capacity = v.capacityByType?.[t.name];
        return capacity ? t.demandPerSecond / capacity : Number.POSITIVE_INFINITY;
      });
      variants.push({
        name: v.name,
        workload: m,
        pool: poolIndex.get(v.pool)!,
        role: v.role,
        size: v.devicesPerReplica,
        members: v.nodesPerReplica,
        gain,
        replicasByType,
        cost: v.costPerHour,
        startCost: v.startCost,
        current: v.currentReplicas,
        min: v.minReplicas,
        max: v.maxReplicas ?? Number.POSITIVE_INFINITY,
        useful: 0,
        eligible: [],
        movable: v.movable,
      });
    }
    workloads.push({
      name: w.name,
      tenant: w.tenant,
      kind,
      cls,
      weight: w.weight,
      demand: w.demandPerSecond,
      types,
      shedPenalty: w.shedPenalty,
      variants: own,
    });
  }
  return { workloads, variants };
}

/** Compiles a parsed problem. Pure; shapes: as in `Instance`. */
export function compile(problem: PlacementProblem): Instance {
  const rules = new Map(problem.classes.map((c) => [c.priority, c.rule]));
  const priorities = [...new Set(problem.workloads.map((w) => w.priority))].sort((a, b) => a - b);
  const classes: ClassModel[] = priorities.map((priority) => ({
    priority,
    rule: rules.get(priority) ?? "max-min",
    members: [],
  }));
  const { workloads, variants } = compileWorkloads(problem, classes);
  const { pools, rows } = poolShapes(problem, variants);
  rows.push(...quotaRows(problem, workloads, variants, pools));
  const rowsOf: Instance["rowsOf"] = variants.map(() => []);
  const rowsOfPool: number[][] = pools.map(() => []);
  rows.forEach((row, r) => {
    if (row.pool >= 0) rowsOfPool[row.pool]!.push(r);
    row.variants.forEach((v, i) => {
      rowsOf[v]!.push({ row: r, coefficient: row.coefficients[i]! });
    });
  });
  variants.forEach((v, i) => {
    let useful = Math.min(v.max, replicasToServeAll(v, workloads[v.workload]!.kind));
    for (const { row, coefficient } of rowsOf[i]!)
      useful = Math.min(useful, Math.floor(rows[row]!.capacity / coefficient + 1e-9));
    v.useful = Math.max(v.min, useful);
  });
  return { problem, pools, workloads, variants, classes, rows, rowsOf, rowsOfPool };
}
