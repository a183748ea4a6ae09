import type { Instance } from "../model/instance.ts";

/** The variant that serves all of a workload for the least cost; −1 for none. */
function cheapestOf(instance: Instance, m: number): number {
  let cheapest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const v of instance.workloads[m]!.variants) {
    const { useful, cost } = instance.variants[v]!;
    if (cheapest >= 0 && useful * cost >= least) continue;
    cheapest = v;
    least = useful * cost;
  }
  return cheapest;
}

/** Scarcity of each row: what would be asked of it if every workload took its cheapest variant, over its capacity. */
function rowPrices(instance: Instance): Float64Array {
  const asked = new Float64Array(instance.rows.length);
  for (let m = 0; m < instance.workloads.length; m++) {
    const cheapest = cheapestOf(instance, m);
    if (cheapest < 0) continue;
    const { useful } = instance.variants[cheapest]!;
    for (const { row, coefficient } of instance.rowsOf[cheapest]!) asked[row] = asked[row]! + coefficient * useful;
  }
  let cost = 0;
  let devices = 0;
  for (const v of instance.variants) {
    cost += v.cost;
    devices += v.size * v.members;
  }
  const perDevice = (cost + 1e-6) / Math.max(1, devices);
  return Float64Array.from(instance.rows, (row, r) => {
    const pressure = asked[r]! / Math.max(1, row.capacity);
    const size = row.pool >= 0 ? Math.max(1, row.size) : 1;
    return pressure > 0.7 ? perDevice * size * pressure * pressure * pressure : 0;
  });
}

/** What one replica of each variant is taken to cost: its own cost, and what it takes of scarce rows. */
export function scarcityPrices(instance: Instance): Float64Array {
  const rows = rowPrices(instance);
  const prices = new Float64Array(instance.variants.length);
  for (let v = 0; v < prices.length; v++) {
    let price = instance.variants[v]!.cost + 1e-9;
    for (const { row, coefficient } of instance.rowsOf[v]!) price += rows[row]! * coefficient;
    prices[v] = price;
  }
  return prices;
}
