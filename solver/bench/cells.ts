import { idOf } from "./fleets/instance.ts";
import type { Job, Outcome } from "./job.ts";
import { contradiction, improve, type Lacks, lacksOf, type References } from "./references.ts";
import type { Run } from "./run-cell.ts";
import { type percent, worst } from "./table.ts";

/** The seeds of one row. */
export interface Row {
  outcomes: Outcome[];
  /** Why seeds have no figure. */
  failures: string[];
  /** Of the seeds with something to compare with. */
  lacks: Lacks[];
}

/** Runs the jobs of one row, one after another: two at once would share the cores that are measured. */
export async function runRow(jobs: readonly Job[], run: Run, references: References = {}): Promise<Row> {
  const row: Row = { outcomes: [], failures: [], lacks: [] };
  for (const job of jobs) {
    const result = await run(job);
    if (!result.ok) {
      row.failures.push(result.why);
      continue;
    }
    row.outcomes.push(result.outcome);
    const id = idOf(job.instance);
    const wrong = contradiction(references[id], result.outcome);
    if (wrong) row.failures.push(`${id}: ${wrong}`);
    const lacks = lacksOf(result.outcome, references[id]);
    if (lacks) row.lacks.push(lacks);
    if (job.what === "solve" && isPenalty(job) && !wrong)
      improve(references, id, result.outcome, `${job.engine}, ${job.limitMs / 1000} s`);
  }
  return row;
}

/** Best plans and bounds are kept where one number says all: lexicographic plans have no such number. */
function isPenalty({ instance }: Job): boolean {
  return instance.shape === "seeded" ? instance.rule === "penalty" : instance.objective === "penalty";
}

/** One worst figure for each capacity, in the order of the table. */
export function perRow(rows: readonly Row[], figure: (o: Outcome) => number | null, show: typeof percent): string {
  return rows.map((row) => show(worst(row.outcomes.map(figure)))).join(" / ");
}

/** What seeds of a row that failed add to the table, below it. */
export function notes(rows: readonly Row[]): string[] {
  const all = new Set(rows.flatMap((r) => r.failures));
  return [...all].map((why) => `Failed: ${why}.`);
}
