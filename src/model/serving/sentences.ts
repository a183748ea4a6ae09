import { amount, rate } from "./numbers.ts";

/** Like `one replica does 3.0/s`, or a range where variants differ. */
export function oneReplica(capacities: ReadonlyMap<string, number>): string {
  const values = [...capacities.values()];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `one replica does ${least === most ? rate(least) : `${rate(least)} to ${rate(most)}`}`;
}

/** Like `3 replicas`; `1 replica`. */
export function replicas(count: number): string {
  return `${amount(count)} ${count === 1 ? "replica" : "replicas"}`;
}
