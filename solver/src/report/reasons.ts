import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { BindingRow, Reason, ReasonCode } from "../plan/types.ts";
import type { Holders } from "./holders.ts";
import { type Obstacle, obstacleOf } from "./obstacles.ts";

const percent = (a: number) => `${Math.floor(a * 1000 + 1e-6) / 10} %`;

/** Why a pool row has no room for a workload of that priority: by whom it is held. */
export function fullText(rows: BindingRow[], priority: number): string {
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
  holders: Holders,
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
  const obstacles = w.variants.map((v) => obstacleOf(instance, holders, v));
  const rows = [...new Set(obstacles.flatMap((o) => o?.rows ?? []))];
  const binding = rows.map((r) => holders.row(r));
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
          o.rows.map((r) => holders.row(r)),
          priority,
        )
      : o.text,
  );
  return { code, sentence: `${head}: ${[...new Set(texts)].join("; ")}`, binding };
}
