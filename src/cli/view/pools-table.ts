import type { Plan, PoolPlan, PoolRowReport } from "@apportion/solver";
import { type Row, renderTable } from "./table.ts";
import { decimal } from "./text.ts";

/** Devices used and free of each pool, and each of its rows with what one more unit would be worth. */
export function poolsTable(plan: Plan, width: number): string {
  return renderTable(
    [
      { title: "pool", shrinkTo: 8 },
      { title: "used", align: "right" },
      { title: "free", align: "right" },
      { title: "slots", shrinkTo: 5 },
      { title: "taken", align: "right" },
      { title: "one more is worth", shrinkTo: 8 },
    ],
    plan.pools.flatMap(poolRows),
    width,
  );
}

function poolRows(pool: PoolPlan): Row[] {
  const first = [pool.name, decimal(pool.usedDevices), decimal(pool.freeDevices)];
  if (pool.rows.length === 0) return [[...first, "", "", ""]];
  return pool.rows.map((row, index) => [...(index === 0 ? first : ["", "", ""]), ...rowCells(row)]);
}

function rowCells(row: PoolRowReport): string[] {
  const unit = row.shadowPriceUnit === "attainment" ? "attainment" : "cost/h";
  return [
    row.size === 0 ? "devices" : `of ${row.size}`,
    `${decimal(row.used)}/${decimal(row.capacity)}`,
    row.shadowPrice > 0 ? `${decimal(row.shadowPrice, 4)} ${unit}` : "–",
  ];
}
