import type { Instance, VariantModel } from "../model/instance.ts";
import { pack } from "../model/packing.ts";
import type { ReasonCode } from "../plan/types.ts";
import type { Holders } from "./holders.ts";

/** What stands in the way of one more replica. */
export interface Obstacle {
  code: ReasonCode;
  text: string;
  rows: number[];
}

const round = (n: number) => Math.round(n * 100) / 100;

function neverFits(instance: Instance, { name, size, members, pool }: VariantModel, row: number): Obstacle {
  const devices = members > 1 ? `${members} nodes with ${size}` : `${size}`;
  const text = `${instance.pools[pool]!.name} can never hold a replica of ${name} (${devices} devices)`;
  return { code: "NoVariantFits", text, rows: [row] };
}

function quotaReached(instance: Instance, used: number, r: number): Obstacle {
  const { key, capacity } = instance.rows[r]!;
  const [kind, name] = key.split("/");
  const what = key.endsWith("/cost") ? "cost per hour" : "devices";
  const text = `${kind} ${name} is used up (${round(used)} of ${round(capacity)} ${what})`;
  return { code: "QuotaReached", text, rows: [r] };
}

function fragmented(instance: Instance, holders: Holders, variant: VariantModel, rows: number[]): Obstacle {
  const { size, members, pool, name } = variant;
  const where = members > 1 ? `${members} different nodes with ${size} each` : `${size} on one node`;
  const text = `${instance.pools[pool]!.name} has ${holders.freeDevices(pool)} free devices but ${name} needs ${where}`;
  return { code: "Fragmented", text, rows };
}

/** What stands in the way of one more replica of variant v; undefined where nothing does. */
export function obstacleOf(instance: Instance, holders: Holders, v: number): Obstacle | undefined {
  const { usage } = holders;
  const variant = instance.variants[v]!;
  const { pool, name, max } = variant;
  if (usage.x[v]! >= max)
    return { code: "MaxReplicas", text: `${name} is at its maximum of ${max} replicas`, rows: [] };
  const full: number[] = [];
  let never = -1;
  let quota = -1;
  for (const { row, coefficient } of instance.rowsOf[v]!) {
    const { capacity, pool: of } = instance.rows[row]!;
    if (usage.used[row]! + coefficient <= capacity + 1e-9) continue;
    full.push(row);
    if (never < 0 && coefficient > capacity) never = row;
    if (quota < 0 && of < 0) quota = row;
  }
  if (never >= 0) return neverFits(instance, variant, never);
  if (quota >= 0) return quotaReached(instance, usage.used[quota]!, quota);
  if (full.length > 0) {
    if (holders.freeDevices(pool) >= variant.size * variant.members)
      return fragmented(instance, holders, variant, full);
    return { code: "PoolFull", text: "", rows: full };
  }
  if (instance.pools[pool]!.rowsAreExact) return undefined;
  usage.add(v, 1);
  const packed = pack(instance, pool, usage.x);
  usage.add(v, -1);
  return packed ? undefined : fragmented(instance, holders, variant, instance.rowsOfPool[pool]!.slice(0, 1));
}
