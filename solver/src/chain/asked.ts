import { nextAttainable } from "../model/attainable.ts";
import { type Goals, threshold } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { Keep } from "./keep.ts";

export interface OpenRung {
  /** The attainment that reaches it, rounded up to one that whole replicas can have. */
  threshold: number;
  /** Indexes into `wanted` of the rungs that are reached together with it. */
  at: number[];
  rung: number;
}

/** What rungs ask of one workload: at least `least`; above it, each of `open` counts in the F of its rungs. Thresholds rise. */
export interface Asked {
  least: number;
  open: OpenRung[];
}

export type WantedRung = { cls: number; rung: number; reached: number };

/** The kept rungs that bind, then `extra` ones that are allowed any F. A rung with the F of the next one follows from it. */
export function wantedRungs(keep: Keep, extra: readonly { cls: number; rung: number }[]): WantedRung[] {
  const binding = keep.rungs.filter(
    (r) => !keep.rungs.some((next) => next.cls === r.cls && next.rung > r.rung && next.reached <= r.reached + 1e-9),
  );
  return [...binding, ...extra.map((e) => ({ ...e, reached: Number.POSITIVE_INFINITY }))];
}

/** What `wanted` asks of each workload, guarantees included. A workload that outweighs what a rung allows must reach it. */
export function askedByRungs(instance: Instance, goals: Goals, wanted: readonly WantedRung[]): Asked[] {
  return instance.workloads.map((w, m) => {
    const weight = goals.weight[m]!;
    const rungs = wanted.map((r, i) => ({ ...r, i })).filter((r) => r.cls === w.cls && weight > 0);
    rungs.sort((a, b) => a.rung - b.rung);
    let least = goals.floor[m]!;
    const open: OpenRung[] = [];
    for (const r of rungs) {
      const at = nextAttainable(instance, m, threshold(goals, m, r.rung));
      if (r.reached < weight - 1e-6) least = Math.max(least, at);
      else if (open.length > 0 && open[open.length - 1]!.threshold >= at - 1e-12) open[open.length - 1]!.at.push(r.i);
      else open.push({ threshold: at, at: [r.i], rung: r.rung });
    }
    return { least, open };
  });
}
