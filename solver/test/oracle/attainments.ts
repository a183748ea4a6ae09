import type { Workload } from "../../src/problem/types.ts";

/** Replicas by variant name. */
export type Replicas = Record<string, number>;

/**
 * Request types of a tiny world, at most two. By duality of the split: a = min over shares u, 1 − u of the two types of
 * Σ_v x_v · max(u·c_1/d_1, (1 − u)·c_2/d_2) — piecewise linear in u, so its minimum stands where two terms of a variant meet, or at an end.
 */
function typesAttainment(w: Workload, x: Replicas): number {
  const types = w.requestTypes!.filter((t) => t.demandPerSecond > 0);
  if (types.length > 2)
    throw new Error(`workload ${w.name}: the oracle takes at most two request types, this has ${types.length}`);
  const speeds = w.variants.map((v) => types.map((t) => (v.capacityByType?.[t.name] ?? 0) / t.demandPerSecond));
  if (types.length === 1)
    return Math.min(
      1,
      w.variants.reduce((sum, v, i) => sum + x[v.name]! * speeds[i]![0]!, 0),
    );
  const candidates = [0, 1];
  for (const [first, second] of speeds) if (first! + second! > 0) candidates.push(second! / (first! + second!));
  const value = (u: number) =>
    w.variants.reduce((sum, v, i) => sum + x[v.name]! * Math.max(u * speeds[i]![0]!, (1 - u) * speeds[i]![1]!), 0);
  return Math.min(1, ...candidates.map(value));
}

/** a = min(1, served / demand), the mix of request types kept. */
export function attainmentOf(w: Workload, x: Replicas): number {
  if (w.demandPerSecond <= 0) return 1;
  if (w.requestTypes) return typesAttainment(w, x);
  const served = (role: string) =>
    w.variants.reduce((sum, v) => (v.role === role ? sum + x[v.name]! * (v.capacityPerSecond ?? 0) : sum), 0);
  return Math.min(1, (served("both") + Math.min(served("prefill"), served("decode"))) / w.demandPerSecond);
}

/** Replicas of a variant beyond which nothing is gained. */
export function usefulReplicas(w: Workload, name: string): number {
  const v = w.variants.find((o) => o.name === name)!;
  if (w.demandPerSecond <= 0) return 0;
  if (!w.requestTypes) return Math.ceil(w.demandPerSecond / v.capacityPerSecond! - 1e-9);
  const needs = w.requestTypes.map((t) => {
    const c = v.capacityByType?.[t.name] ?? 0;
    return c > 0 ? t.demandPerSecond / c : 0;
  });
  return Math.ceil(needs.reduce((a, b) => a + b, 0) - 1e-9);
}

/** The attainment that the workload's own maxima allow. */
export function capOf(w: Workload): number {
  const most = w.variants.map((v) => [v.name, Math.min(v.maxReplicas ?? 1e6, 1e6)] as const);
  return attainmentOf(w, Object.fromEntries(most));
}
