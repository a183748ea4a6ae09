import { notes, perRow, type Row, runRow } from "../cells.ts";
import { capacityName, ladderFleet, penaltyFleet, poolsFor } from "../fleets/instance.ts";
import { WAYS } from "../replan.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, table, time, worst } from "../table.ts";

/** What is planned, and the limit of its full solves. */
export const FLEETS: Record<string, { fleet: typeof penaltyFleet; limitMs: number }> = {
  penalty: { fleet: penaltyFleet, limitMs: 1_000 },
  "max-min": { fleet: ladderFleet, limitMs: 10_000 },
};
const CHANGED_SHARE = 0.01;

/** The second plan, after 1 % of demands have changed. */
export async function replan(s: Settings, run: Run): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  const rules = s.rules ?? Object.keys(FLEETS);
  for (const workloads of s.sizes ?? (s.quick ? [30] : [10_000]))
    for (const [rule, r] of rules.flatMap((rule) => (s.ratios ?? CAPACITIES).map((r) => [rule, r] as const)))
      for (const way of Object.keys(WAYS)) {
        const jobs = s.seeds.map((seed) => {
          const { fleet, limitMs } = FLEETS[rule]!;
          const instance = fleet(workloads, r, seed);
          const job = { what: "replan", instance, engine: s.engine, way, changedShare: CHANGED_SHARE } as const;
          return { ...job, limitMs: s.limitMs ?? limitMs };
        });
        const row = await runRow(jobs, run);
        rows.push(row);
        const { outcomes } = row;
        lines.push([
          `${workloads} × ${poolsFor(workloads)}`,
          rule,
          capacityName(r),
          way,
          time(worst(outcomes.map((o) => o.ms))),
          time(worst(outcomes.map((o) => o.blockedMs ?? null))),
          percent(worst(outcomes.map((o) => o.gap))),
        ]);
      }
  return {
    name: "replan",
    headline: `${rules.join(", then ")}, ${(s.ratios ?? CAPACITIES).map(capacityName).join(" / ")}: ${Object.keys(WAYS)
      .map((way, i, ways) => {
        const own = rows.filter((_, at) => at % ways.length === i);
        return `${way} in ${perRow(own, (o) => o.ms, time)} with gaps ${perRow(own, (o) => o.gap, percent)}`;
      })
      .join("; ")}.`,
    lines: [
      ...table(["workloads × pools", "rule", "capacity", "way", "time", "caller blocked", "gap"], lines),
      ...notes(rows),
    ],
  };
}
