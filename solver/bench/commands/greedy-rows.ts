import { runRow } from "../cells.ts";
import { capacityName, type InstanceSpec, penaltyFleet } from "../fleets/instance.ts";
import type { Outcome } from "../job.ts";
import type { Run } from "../run-cell.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, table, time, worst } from "../table.ts";

const LIMIT_MS = 1_000;

/** By rule `total`, on the same devices: what each class gets in requests, the measure that a greedy can be held to. */
function byTotal(instance: InstanceSpec): InstanceSpec {
  return instance.shape === "seeded" ? { ...instance, rule: "total" } : instance;
}

/** The least that a class is served in any seed. */
function servedOf(outcomes: readonly Outcome[]): string {
  const classes = outcomes[0]?.served.map((c) => c.priority) ?? [];
  return classes.map((_, i) => percent(Math.min(...outcomes.map((o) => o.served[i]?.requests ?? 0)))).join(" / ");
}

/** The predecessors' greedy: what it costs more by the penalty objective, and what each class gets by either. */
export async function greedyRows(
  s: Settings,
  workloads: number,
  run: Run,
): Promise<{ headline: string; lines: string[] }> {
  const lines: string[][] = [];
  for (const r of s.ratios ?? CAPACITIES) {
    const penalty = s.seeds.map((seed) => penaltyFleet(workloads, r, seed));
    const own = (instance: InstanceSpec, limitMs: number) =>
      ({ what: "solve", instance, engine: s.engine, limitMs }) as const;
    const theirs = (instance: InstanceSpec) => ({ what: "greedy", instance }) as const;
    const limitMs = s.quick ? 500 : LIMIT_MS;
    const ours = await runRow(
      penalty.map((i) => own(i, limitMs)),
      run,
    );
    const greedy = await runRow(penalty.map(theirs), run);
    const ourClasses = await runRow(
      penalty.map((i) => own(byTotal(i), 10 * limitMs)),
      run,
    );
    const greedyClasses = await runRow(
      penalty.map((i) => theirs(byTotal(i))),
      run,
    );
    const complete = ours.outcomes.length === greedy.outcomes.length;
    const more = complete ? worst(greedy.outcomes.map((g, i) => g.plan / ours.outcomes[i]!.plan - 1)) : null;
    lines.push([
      capacityName(r),
      time(worst(greedy.outcomes.map((o) => o.ms))),
      more === null ? "–" : `+ ${percent(more)}`,
      servedOf(greedyClasses.outcomes),
      servedOf(ourClasses.outcomes),
    ]);
  }
  const head = ["capacity", "greedy takes", "its penalty objective", "it serves of the classes", "this solver serves"];
  return { headline: lines.map((l) => l[2]).join(" / "), lines: table(head, lines) };
}
