import type { Usage } from "../heuristic/usage.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { pack } from "../model/packing.ts";
import type { BindingRow, Reason, ReasonCode } from "../plan/types.ts";

const percent = (a: number) => `${Math.floor(a * 1000 + 1e-6) / 10} %`;

/** Who holds a row, by class: devices (or cost per hour). */
function heldBy(instance: Instance, r: number, x: Float64Array): BindingRow["heldBy"] {
  const row = instance.rows[r]!;
  const amounts = new Map<number, number>();
  row.variants.forEach((v, i) => {
    if (x[v]! === 0) return;
    const priority = instance.classes[instance.workloads[instance.variants[v]!.workload]!.cls]!.priority;
    amounts.set(priority, (amounts.get(priority) ?? 0) + row.coefficients[i]! * x[v]! * Math.max(1, row.size));
  });
  return [...amounts].sort(([a], [b]) => a - b).map(([priority, amount]) => ({ priority, amount }));
}

function bindingRow(instance: Instance, r: number, used: number, x: Float64Array): BindingRow {
  return { key: instance.rows[r]!.key, used, capacity: instance.rows[r]!.capacity, heldBy: heldBy(instance, r, x) };
}

interface Obstacle {
  code: ReasonCode;
  text: string;
  rows: number[];
}

/** What stands in the way of one more replica of variant v. */
function obstacleOf(instance: Instance, usage: Usage, v: number): Obstacle | undefined {
  const variant = instance.variants[v]!;
  const pool = instance.pools[variant.pool]!;
  if (usage.x[v]! >= variant.max)
    return { code: "MaxReplicas", text: `${variant.name} is at its maximum of ${variant.max} replicas`, rows: [] };
  const full = instance.rowsOf[v]!.filter(
    ({ row, coefficient }) => usage.used[row]! + coefficient > instance.rows[row]!.capacity + 1e-9,
  );
  const never = full.find(({ row, coefficient }) => coefficient > instance.rows[row]!.capacity);
  if (never) {
    const size = variant.members > 1 ? `${variant.members} nodes with ${variant.size}` : `${variant.size}`;
    return {
      code: "NoVariantFits",
      text: `${pool.name} can never hold a replica of ${variant.name} (${size} devices)`,
      rows: [never.row],
    };
  }
  const quota = full.find(({ row }) => instance.rows[row]!.pool < 0);
  if (quota) {
    const row = instance.rows[quota.row]!;
    const [kind, name] = row.key.split("/");
    const what = row.key.endsWith("/cost") ? "cost per hour" : "devices";
    return {
      code: "QuotaReached",
      text: `${kind} ${name} is used up (${round(usage.used[quota.row]!)} of ${round(row.capacity)} ${what})`,
      rows: [quota.row],
    };
  }
  if (full.length === 0) {
    if (pool.rowsAreExact) return undefined;
    usage.add(v, 1);
    const packed = pack(instance, variant.pool, usage.x);
    usage.add(v, -1);
    return packed
      ? undefined
      : {
          code: "Fragmented",
          text: fragmentText(instance, usage, v),
          rows: instance.rowsOfPool[variant.pool]!.slice(0, 1),
        };
  }
  const free = freeDevices(instance, usage, variant.pool);
  if (free >= variant.size * variant.members)
    return { code: "Fragmented", text: fragmentText(instance, usage, v), rows: full.map((f) => f.row) };
  return { code: "PoolFull", text: "", rows: full.map((f) => f.row) };
}

const round = (n: number) => Math.round(n * 100) / 100;

function freeDevices(instance: Instance, usage: Usage, p: number): number {
  const used = instance.pools[p]!.variants.reduce(
    (s, v) => s + usage.x[v]! * instance.variants[v]!.size * instance.variants[v]!.members,
    0,
  );
  return instance.pools[p]!.devices - used;
}

function fragmentText(instance: Instance, usage: Usage, v: number): string {
  const { size, members, pool, name } = instance.variants[v]!;
  const where = members > 1 ? `${members} different nodes with ${size} each` : `${size} on one node`;
  return `${instance.pools[pool]!.name} has ${freeDevices(instance, usage, pool)} free devices but ${name} needs ${where}`;
}

function fullText(rows: BindingRow[], priority: number): string {
  const row = rows[0]!;
  const pool = row.key.split("/")[1]!;
  const others = row.heldBy.filter((h) => h.amount > 0);
  const above = others.filter((h) => h.priority < priority);
  const total = others.reduce((s, h) => s + h.amount, 0);
  if (total === 0) return `${pool} has no room`;
  if (above.reduce((s, h) => s + h.amount, 0) >= total / 2) return `${pool} is full of class ${above[0]!.priority}`;
  const own = others.find((h) => h.priority === priority);
  if (own) return `${pool} is full, shared inside class ${priority}`;
  return `${pool} is full of class ${others[0]!.priority} (floors)`;
}

/** Why a workload gets less than all of its demand: data and a sentence. */
export function reasonOf(
  instance: Instance,
  goals: Goals,
  m: number,
  attainment: number,
  usage: Usage,
  how: { penalty: boolean; stopped: boolean; conflict: boolean },
): Reason {
  const w = instance.workloads[m]!;
  const head = `${w.name} gets ${percent(attainment)}`;
  const cap = Math.min(1, goals.cap[m]!);
  if (attainment >= cap - 1e-7)
    return {
      code: "MaxReplicas",
      sentence: `${head}: its maximum replicas allow no more (raise maxReplicas)`,
      binding: [],
    };
  const obstacles = w.variants.map((v) => obstacleOf(instance, usage, v));
  const rows = [...new Set(obstacles.flatMap((o) => o?.rows ?? []))];
  const binding = rows.map((r) => bindingRow(instance, r, usage.used[r]!, usage.x));
  const { priority } = instance.classes[w.cls]!;
  if (how.conflict)
    return { code: "FloorsConflict", sentence: `${head}: floors that do not fit together come first`, binding };
  const relevant = obstacles.filter((o): o is Obstacle => o !== undefined);
  if (relevant.length < obstacles.length) {
    if (how.penalty)
      return {
        code: "NotWorthItsCost",
        sentence: `${head}: one more replica costs more than the shed penalty it saves`,
        binding,
      };
    if (how.stopped)
      return {
        code: "StoppedEarly",
        sentence: `${head}: the search was stopped before the plan was finished`,
        binding,
      };
    return {
      code: "TradedForOthers",
      sentence: `${head}: more for it would take from its class or from what the rule weighs higher`,
      binding,
    };
  }
  const order: ReasonCode[] = ["PoolFull", "Fragmented", "QuotaReached", "NoVariantFits", "MaxReplicas"];
  const code = order.find((c) => relevant.some((o) => o.code === c)) ?? "PoolFull";
  const texts = relevant.map((o) =>
    o.code === "PoolFull"
      ? fullText(
          o.rows.map((r) => bindingRow(instance, r, usage.used[r]!, usage.x)),
          priority,
        )
      : o.text,
  );
  return { code, sentence: `${head}: ${[...new Set(texts)].join("; ")}`, binding };
}
