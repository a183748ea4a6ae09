import type { CellResult, Job } from "../../bench/job.ts";
import { measure } from "../../bench/measure.ts";
import { type Settings, settingsFrom } from "../../bench/settings.ts";

/** `--quick` with one capacity: everything runs, as small as it gets. */
export function quick(...args: string[]): Settings {
  return settingsFrom(["any", "--quick", "--ratios", "1", ...args]);
}

/** Jobs in this process: what a process of its own adds is tested once, in run-cell.test.ts. */
export async function runHere(job: Job): Promise<CellResult> {
  return { ok: true, outcome: await measure(job) };
}

/** Cells of the body of a Markdown table. */
export function cells(lines: readonly string[]): string[][] {
  return lines
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
