import { notes, type Row, runRow } from "../cells.ts";
import { capacityName, poolsFor } from "../fleets/instance.ts";
import type { ScenarioFigures } from "../job.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { digits, percent, table, time, worst } from "../table.ts";
import { FLEETS } from "./replan.ts";

const COUNT = 100;
const FEW = 10;

/** Many what-ifs on one base, beside the full solve of it. */
export async function scenarios(s: Settings, run: Run): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  const said: string[] = [];
  const count = s.quick ? FEW : COUNT;
  for (const workloads of s.sizes ?? (s.quick ? [60] : [10_000]))
    for (const rule of s.rules ?? Object.keys(FLEETS))
      for (const r of s.ratios ?? CAPACITIES) {
        const { fleet, limitMs } = FLEETS[rule]!;
        const jobs = s.seeds.map((seed) => {
          const instance = fleet(workloads, r, seed);
          return { what: "scenarios", instance, engine: s.engine, limitMs: s.limitMs ?? limitMs, count } as const;
        });
        const row = await runRow(jobs, run);
        rows.push(row);
        const figure = (of: (f: ScenarioFigures) => number) =>
          worst(row.outcomes.map((o) => (o.scenarios ? of(o.scenarios) : null)));
        const inSolves = figure((f) => f.allMs / f.coldMs);
        const solves = inSolves === null ? "–" : digits(inSolves);
        said.push(`${rule}, ${capacityName(r)}: ${time(figure((f) => f.allMs))}, ${solves} cold solves`);
        lines.push([
          `${workloads} × ${poolsFor(workloads)}`,
          rule,
          capacityName(r),
          String(count),
          time(figure((f) => f.coldMs)),
          time(figure((f) => f.allMs)),
          solves,
          time(figure((f) => f.slowestMs)),
          String(figure((f) => f.full) ?? "–"),
          percent(figure((f) => f.worstGap)),
        ]);
      }
  const head = ["workloads × pools", "rule", "capacity", "what-ifs", "cold", "all", "in cold solves"];
  return {
    name: "scenarios",
    headline: `${count} what-ifs: ${said.join("; ")}.`,
    lines: [...table([...head, "slowest", "full", "worst gap"], lines), ...notes(rows)],
  };
}
