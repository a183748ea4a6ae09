import { notes, type Row, runRow } from "../cells.ts";
import { capacityName, type InstanceSpec, poolsFor } from "../fleets/instance.ts";
import type { FleetOptions } from "../generator.ts";
import type { Outcome } from "../job.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, table, time, worst } from "../table.ts";

const LIMIT_MS = 10_000;
const RULES: FleetOptions["rule"][] = ["max-min", "proportional", "total", "dominant-share", "penalty"];

/** Small fleets on node shapes by every rule: a row is the worst rule and seed. */
export async function sizes(s: Settings, run: Run): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  const rules = (s.rules ?? RULES) as FleetOptions["rule"][];
  for (const workloads of s.sizes ?? (s.quick ? [5] : [5, 10, 30, 50]))
    for (const ratio of s.ratios ?? CAPACITIES)
      for (const engine of s.engines ?? [s.engine]) {
        const outcomes: { rule: string; outcome: Outcome }[] = [];
        for (const rule of rules) {
          const jobs = s.seeds.map((seed) => {
            const pools = poolsFor(workloads);
            const instance: InstanceSpec = { shape: "seeded", workloads, pools, ratio, seed, rule, shapes: true };
            return { what: "solve", instance, engine, limitMs: s.limitMs ?? LIMIT_MS } as const;
          });
          const row = await runRow(jobs, run);
          rows.push(row);
          outcomes.push(...row.outcomes.map((outcome) => ({ rule, outcome })));
        }
        lines.push([String(workloads), capacityName(ratio), engine, ...figures(outcomes)]);
      }
  const head = ["workloads", "capacity", "engine", "proved", "slowest", "by rule", "gap", "rung open"];
  const all = rows.flatMap((r) => r.outcomes);
  const proved = all.filter((o) => o.proved).length;
  const headline = `${proved} of ${all.length} proved optimal; the slowest took ${time(worst(all.map((o) => o.ms)))}.`;
  return { name: "sizes", headline, lines: [...table(head, lines), ...notes(rows)] };
}

function figures(cells: readonly { rule: string; outcome: Outcome }[]): string[] {
  const slowest = cells.reduce<(typeof cells)[number] | undefined>(
    (a, b) => (a && a.outcome.ms >= b.outcome.ms ? a : b),
    undefined,
  );
  const outcomes = cells.map((c) => c.outcome);
  return [
    `${outcomes.filter((o) => o.proved).length}/${outcomes.length}`,
    time(slowest?.outcome.ms),
    slowest?.rule ?? "–",
    percent(worst(outcomes.map((o) => o.gap))),
    percent(worst(outcomes.map((o) => Math.max(0, ...o.proofs.map((p) => p.openShare))))),
  ];
}
