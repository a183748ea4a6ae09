import { notes, perRow, type Row, runRow } from "../cells.ts";
import { capacityName, penaltyFleet, poolsFor } from "../fleets/instance.ts";
import type { References } from "../references.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, ratio, table, time, worst } from "../table.ts";

/** Sizes with the limits that they are asked to keep. */
const SCALES: [workloads: number, limitsMs: number[]][] = [
  [1_000, [1_000, 10_000]],
  [10_000, [1_000]],
  [100_000, [5_000]],
];
const QUICK: typeof SCALES = [
  [20, [500]],
  [40, [500]],
];

/** Growth is told by the time to this gap: a limit that is used up would say nothing. */
const GROWTH_GAP = 0.01;
const GROWTH_LIMIT_MS = 60_000;

function scalesOf(s: Settings): typeof SCALES {
  const all = s.quick ? QUICK : SCALES;
  const chosen = all.filter(([w]) => !s.sizes || s.sizes.includes(w));
  return s.limitMs === undefined ? chosen : chosen.map(([w]) => [w, [s.limitMs!]]);
}

/** Gap of the penalty objective within a time limit, and what of it is the plan's and what the bound's fault. */
export async function scale(s: Settings, run: Run, references: References): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  const headlines: string[] = [];
  for (const [workloads, limits] of scalesOf(s))
    for (const limitMs of limits) {
      const first = rows.length;
      for (const r of s.ratios ?? CAPACITIES) {
        const jobs = s.seeds.map((seed) => {
          const instance = penaltyFleet(workloads, r, seed);
          return { what: "solve", instance, engine: s.engine, limitMs } as const;
        });
        const row = await runRow(jobs, run, references);
        rows.push(row);
        lines.push([`${workloads} × ${poolsFor(workloads)}`, capacityName(r), time(limitMs), ...figures(row)]);
      }
      const gaps = perRow(rows.slice(first), (o) => o.gap, percent);
      headlines.push(`${workloads.toLocaleString("en")} workloads in ${time(limitMs)}: ${gaps}`);
    }
  const head = ["workloads × pools", "capacity", "limit", "time", "gap", "plan lacks", "bound lacks", "open", "memory"];
  const growth = await growthLines(s, run);
  const headline = `Worst gap, ${(s.ratios ?? CAPACITIES).map(capacityName).join(" / ")}: ${headlines.join("; ")}.`;
  return { name: "scale", headline, lines: [...table(head, lines), ...notes(rows), "", ...growth] };
}

function figures({ outcomes, lacks }: Row): string[] {
  const memory = worst(outcomes.map((o) => o.rssMib));
  return [
    time(worst(outcomes.map((o) => o.ms))),
    percent(worst(outcomes.map((o) => o.gap))),
    percent(worst(lacks.map((l) => l.plan))),
    percent(worst(lacks.map((l) => l.bound))),
    percent(worst(lacks.map((l) => l.open))),
    memory === null ? "–" : `${memory} MiB`,
  ];
}

/** Time for each workload until the gap is 1 %, and how it grows from size to size. */
async function growthLines(s: Settings, run: Run): Promise<string[]> {
  const lines: string[][] = [];
  for (const r of s.ratios ?? [1]) {
    let before: number | null = null;
    for (const [workloads] of scalesOf(s)) {
      const jobs = s.seeds.map((seed) => {
        const instance = penaltyFleet(workloads, r, seed);
        return { what: "solve", instance, engine: s.engine, limitMs: GROWTH_LIMIT_MS, gap: GROWTH_GAP } as const;
      });
      const { outcomes } = await runRow(jobs, run);
      const ms = worst(outcomes.map((o) => (o.gap !== null && o.gap <= GROWTH_GAP ? o.ms : null)));
      const each = ms === null ? null : ms / workloads;
      const grown = each === null || before === null ? null : each / before;
      lines.push([String(workloads), capacityName(r), time(ms), time(each), ratio(grown)]);
      before = each;
    }
  }
  return table(["workloads", "capacity", "time to a 1 % gap", "a workload", "growth"], lines);
}
