import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { CertificateEntry } from "../plan/types.ts";
import type { KeptRung } from "./keep.ts";

/** Why a bound from prices holds: the dual value, and what it took as given of earlier rungs. */
export interface Proof {
  /** Dual value, as proved with the rungs held to what is `given`. */
  value: number;
  given: { cls: number; rung: number; reached: number; price: number }[];
  /** All its prices, as the certificate names them. */
  prices: readonly { row: string; price: number }[];
}

/** Prices of a stage by row, with the rungs that it kept, as a proof. */
export function proofOf(
  instance: Instance,
  value: number,
  prices: readonly { row: string; price: number }[],
  rungs: readonly KeptRung[],
): Proof {
  const byRow = new Map(prices.map(({ row, price }) => [row, price]));
  const given = rungs.map(({ cls, rung, reached }) => ({
    cls,
    rung,
    reached,
    price: byRow.get(rungName(instance, cls, rung)) ?? 0,
  }));
  return { value, given, prices };
}

/** Name of a rung's stage, which is its row's too. */
export function rungName(instance: Instance, cls: number, rung: number): string {
  return `class/${instance.classes[cls]!.priority}/F(${rung})`;
}

/** True where a workload of the class had to reach its rung while only `before` was allowed below, and has not to now. */
function frees(instance: Instance, goals: Goals, cls: number, before: number, now: number): boolean {
  return instance.classes[cls]!.members.some((m) => before < goals.weight[m]! - 1e-6 && now >= goals.weight[m]! - 1e-6);
}

/**
 * What a proof shows where the earlier rungs have other values: the dual value is linear in them, as long as nobody who had to reach a rung
 * is let off; −Infinity where somebody is. `countOf`: F of a rung now.
 */
export function restated(
  instance: Instance,
  goals: Goals,
  proof: Proof,
  countOf: (rung: { cls: number; rung: number }) => number,
): number {
  let value = proof.value;
  for (const g of proof.given) {
    const now = countOf(g);
    value += g.price * (g.reached - now);
    if (now > g.reached + 1e-6 && frees(instance, goals, g.cls, g.reached, now)) return Number.NEGATIVE_INFINITY;
  }
  return value;
}

const proofs = new WeakMap<CertificateEntry, Proof>();

/** Notes why the bound of an entry holds. */
export function noteProof(entry: CertificateEntry, proof: Proof): void {
  proofs.set(entry, proof);
}

/** Gives an entry the bound that is known of it now, with its own prices where they show it. */
export function claim(entry: CertificateEntry, { bound, isOwn }: { bound: number; isOwn: boolean }): void {
  const proof = proofs.get(entry);
  entry.bound = bound;
  entry.method = isOwn ? "dual" : "trivial";
  if (proof && isOwn) entry.prices = [...proof.prices];
  else delete entry.prices;
}

/** Why the bound of an entry holds, where prices have shown it. */
export function proofBehind(entry: CertificateEntry): Proof | undefined {
  return proofs.get(entry);
}
