import { notes, perRow, type Row, runRow } from "../cells.ts";
import { capacityName, ladderFleet, poolsFor } from "../fleets/instance.ts";
import type { Outcome } from "../job.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { digits, percent, table, time, worst } from "../table.ts";

const LIMIT_MS = 10_000;

/** One figure for each class, the most important class first. */
function byClass(
  { outcomes }: Row,
  figure: (p: Outcome["proofs"][number]) => number | null,
  show: typeof time,
): string {
  const classes = outcomes[0]?.proofs.map((p) => p.priority) ?? [];
  return classes
    .map((priority) =>
      show(worst(outcomes.map((o) => o.proofs.filter((p) => p.priority === priority).map(figure)[0] ?? null))),
    )
    .join(" / ");
}

/** When levels are proved, how long the ladder takes and what its rungs leave open. */
export async function ladder(s: Settings, run: Run): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  for (const workloads of s.sizes ?? (s.quick ? [30] : [1_000, 10_000]))
    for (const r of s.ratios ?? CAPACITIES) {
      const jobs = s.seeds.map((seed) => {
        const instance = ladderFleet(workloads, r, seed);
        return { what: "solve", instance, engine: s.engine, limitMs: s.limitMs ?? LIMIT_MS } as const;
      });
      const row = await runRow(jobs, run);
      rows.push(row);
      lines.push([
        `${workloads} × ${poolsFor(workloads)}`,
        capacityName(r),
        byClass(row, (p) => p.levelMs, time),
        time(worst(row.outcomes.map((o) => o.ladderMs))),
        byClass(
          row,
          (p) => p.openWeight,
          (w) => (w === null || w === undefined ? "–" : digits(w)),
        ),
        byClass(row, (p) => p.openShare, percent),
        percent(worst(row.outcomes.map((o) => o.gap))),
        time(worst(row.outcomes.map((o) => o.ms))),
      ]);
    }
  const head = [
    "workloads × pools",
    "capacity",
    "lowest levels proved",
    "ladder",
    "open weight",
    "of the class",
    "cost gap",
    "all",
  ];
  return { name: "ladder", headline: headlineOf(s, rows), lines: [...table(head, lines), ...notes(rows)] };
}

/** The largest size, whose rows are the last ones. */
function headlineOf(s: Settings, rows: readonly Row[]): string {
  const ratios = s.ratios ?? CAPACITIES;
  const last = rows.slice(-ratios.length);
  const level = perRow(last, (o) => worst(o.proofs.map((p) => p.levelMs)), time);
  const open = perRow(last, (o) => worst(o.proofs.map((p) => p.openShare)), percent);
  const ladders = perRow(last, (o) => o.ladderMs, time);
  return `Largest size, ${ratios.map(capacityName).join(" / ")}: lowest levels proved after ${level}, ladder done after ${ladders}, worst rung open ${open} of its class, cost gap ${perRow(last, (o) => o.gap, percent)}.`;
}
