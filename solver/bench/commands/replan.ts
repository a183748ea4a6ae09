import { notes, perRow, type Row, runRow } from "../cells.ts";
import { capacityName, penaltyFleet, poolsFor } from "../fleets/instance.ts";
import { WAYS } from "../replan.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, table, time, worst } from "../table.ts";

const LIMIT_MS = 1_000;
const CHANGED_SHARE = 0.01;

/** The second plan, after 1 % of demands have changed. */
export async function replan(s: Settings, run: Run): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  for (const workloads of s.sizes ?? (s.quick ? [30] : [10_000]))
    for (const r of s.ratios ?? CAPACITIES)
      for (const way of Object.keys(WAYS)) {
        const jobs = s.seeds.map((seed) => {
          const instance = penaltyFleet(workloads, r, seed);
          const limitMs = s.limitMs ?? LIMIT_MS;
          return { what: "replan", instance, engine: s.engine, limitMs, way, changedShare: CHANGED_SHARE } as const;
        });
        const row = await runRow(jobs, run);
        rows.push(row);
        const { outcomes } = row;
        lines.push([
          `${workloads} × ${poolsFor(workloads)}`,
          capacityName(r),
          way,
          time(worst(outcomes.map((o) => o.ms))),
          percent(worst(outcomes.map((o) => o.gap))),
        ]);
      }
  return {
    name: "replan",
    headline: `${(s.ratios ?? CAPACITIES).map(capacityName).join(" / ")}: ${Object.keys(WAYS)
      .map((way, i, ways) => {
        const own = rows.filter((_, at) => at % ways.length === i);
        return `${way} in ${perRow(own, (o) => o.ms, time)} with gaps ${perRow(own, (o) => o.gap, percent)}`;
      })
      .join("; ")}.`,
    lines: [...table(["workloads × pools", "capacity", "way", "time", "gap"], lines), ...notes(rows)],
  };
}
