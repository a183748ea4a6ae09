import type { RequestType } from "./types.ts";

/** Sums of decimal fractions rarely match to the last bit. */
const RELATIVE_TOLERANCE = 1e-9;

/** Requests per second of all types together; summed in the order of names, so that the order of the input does not show. */
export function demandOfTypes(types: readonly RequestType[]): number {
  const byName = [...types].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return byName.reduce((sum, type) => sum + type.demandPerSecond, 0);
}

export function isSumOfTypes(given: number, sum: number): boolean {
  return Math.abs(given - sum) <= RELATIVE_TOLERANCE * sum;
}
