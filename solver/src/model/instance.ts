import type { PlacementProblem, RequestType, Variant, Workload } from "../problem/types.ts";
import { byName, inOrder } from "./order.ts";
import { poolShapes } from "./pool-shape.ts";
import { quotaRows } from "./quota-rows.ts";
import { rowLists } from "./row-lists.ts";
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

/** Variants of workloads without request types share this. */
const NO_TYPES: number[] = [];
const NO_REQUEST_TYPES: RequestType[] = [];
/** Until the pools are read, and for good on bags. */
const NO_NODES: number[] = [];

function replicasByType({ capacityByType }: Variant, types: RequestType[]): number[] {
  return types.map(({ name, demandPerSecond }) => {
    const capacity = capacityByType?.[name];
    return capacity ? demandPerSecond / capacity : Number.POSITIVE_INFINITY;
  });
}

/** Request types with demand, by name. */
function typesOf({ requestTypes }: Workload): RequestType[] {
  return requestTypes ? requestTypes.filter((t) => t.demandPerSecond > 0).sort(byName) : NO_REQUEST_TYPES;
}

function variantModel(v: Variant, w: WorkloadModel, workload: number, pool: number): VariantModel {
  const whole = w.kind === "plain" || w.kind === "lanes";
  return {
    name: v.name,
    workload,
    pool,
    role: v.role,
    size: v.devicesPerReplica,
    members: v.nodesPerReplica,
    gain: whole ? (v.capacityPerSecond ?? 0) / w.demand : 0,
    replicasByType: w.types.length > 0 ? replicasByType(v, w.types) : NO_TYPES,
    cost: v.costPerHour,
    startCost: v.startCost,
    current: v.currentReplicas,
    min: v.minReplicas,
    max: v.maxReplicas ?? Number.POSITIVE_INFINITY,
    useful: 0,
    eligible: NO_NODES,
    movable: v.movable,
  };
}

function compileWorkloads(problem: PlacementProblem, classes: ClassModel[]) {
  const workloads: WorkloadModel[] = [];
  const variants: VariantModel[] = [];
  /** The variants of the problem in the order of `variants`. */
  const given: Variant[] = [];
  const classIndex = new Map(classes.map((c, i) => [c.priority, i]));
  const poolNames = problem.pools.map((p) => p.name).sort();
  const poolIndex = new Map(poolNames.map((n, i) => [n, i]));
  for (const w of inOrder(problem.workloads)) {
    const m = workloads.length;
    const cls = classIndex.get(w.priority)!;
    classes[cls]!.members.push(m);
    const model: WorkloadModel = {
      name: w.name,
      tenant: w.tenant,
      kind: kindOf(w),
      cls,
      weight: w.weight,
      demand: w.demandPerSecond,
      types: typesOf(w),
      shedPenalty: w.shedPenalty,
      variants: [],
    };
    for (const v of inOrder(w.variants)) {
      model.variants.push(variants.length);
      variants.push(variantModel(v, model, m, poolIndex.get(v.pool)!));
      given.push(v);
    }
    workloads.push(model);
  }
  return { workloads, variants, given };
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
  const { workloads, variants, given } = compileWorkloads(problem, classes);
  const { pools, rows } = poolShapes(problem, variants, given);
  for (const row of quotaRows(problem, workloads, variants, pools)) rows.push(row);
  const rowsOf = rowLists(rows, variants.length);
  const rowsOfPool: number[][] = pools.map(() => []);
  rows.forEach((row, r) => {
    if (row.pool >= 0) rowsOfPool[row.pool]!.push(r);
  });
  for (let i = 0; i < variants.length; i++) {
    const v = variants[i]!;
    let useful = Math.min(v.max, replicasToServeAll(v, workloads[v.workload]!.kind));
    for (const { row, coefficient } of rowsOf[i]!)
      useful = Math.min(useful, Math.floor(rows[row]!.capacity / coefficient + 1e-9));
    v.useful = Math.max(v.min, useful);
  }
  return { problem, pools, workloads, variants, classes, rows, rowsOf, rowsOfPool };
}
