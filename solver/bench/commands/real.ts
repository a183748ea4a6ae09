import { notes, type Row, runRow } from "../cells.ts";
import type { InstanceSpec } from "../fleets/instance.ts";
import type { References } from "../references.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import type { Settings } from "../settings.ts";
import { percent, table, time, worst } from "../table.ts";

const LIMIT_MS = 10_000;
const SIZES = [50, 200, 1_000, 10_000];

/** Fleets shaped like the example: real node shapes, demand from the trace; devices as many as full service needs. */
export async function real(s: Settings, run: Run, references: References): Promise<Section> {
  const rows: Row[] = [];
  const lines: string[][] = [];
  for (const workloads of s.sizes ?? (s.quick ? [20] : SIZES))
    for (const ratio of s.ratios ?? [1])
      for (const objective of ["penalty", "lexicographic"] as const) {
        const instances = s.seeds.map((seed): InstanceSpec => ({ shape: "real", workloads, ratio, seed, objective }));
        const limitMs = s.limitMs ?? LIMIT_MS;
        const jobs = instances.map((instance) => ({ what: "solve", instance, engine: s.engine, limitMs }) as const);
        const row = await runRow(jobs, run, references);
        const peers = await runRow(
          instances.map((instance) => ({ what: "greedy", instance }) as const),
          run,
        );
        rows.push(row, peers);
        const { outcomes } = row;
        const open = outcomes.map((o) => Math.max(0, ...o.proofs.map((p) => p.openShare)));
        lines.push([
          String(workloads),
          objective,
          time(worst(outcomes.map((o) => o.ms))),
          `${outcomes.filter((o) => o.proved).length}/${outcomes.length}`,
          percent(worst(outcomes.map((o) => o.gap))),
          objective === "penalty" ? "–" : percent(worst(open)),
          against(objective, row, peers),
        ]);
      }
  const head = ["workloads", "objective", "time", "proved", "gap", "rung open", "greedy"];
  const { outcomes: largest } = rows.at(-4) ?? { outcomes: [] };
  const [slowest, gap] = [worst(largest.map((o) => o.ms)), worst(largest.map((o) => o.gap))];
  const headline = `Largest size, penalty: worst gap ${percent(gap)} after ${time(slowest)}.`;
  return { name: "real", headline, lines: [...table(head, lines), ...notes(rows)] };
}

/** What the greedy costs more (penalty), or serves of the last class where this plan serves so much (lexicographic). */
function against(objective: "penalty" | "lexicographic", { outcomes }: Row, peers: Row): string {
  if (outcomes.length !== peers.outcomes.length) return "–";
  if (objective === "penalty")
    return `+ ${percent(worst(peers.outcomes.map((g, i) => g.plan / outcomes[i]!.plan - 1)))}`;
  const last = (o: (typeof outcomes)[number]) => o.served.at(-1)!.requests;
  const [own, theirs] = [outcomes, peers.outcomes].map((list) => Math.min(...list.map(last)));
  return `serves ${percent(theirs)} where ${percent(own)}`;
}
