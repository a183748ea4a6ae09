import { type ReplaySummary, summaries } from "../../app/replay/summary.ts";
import { CONTROLLERS, type ControllerName } from "../../app/replay/types.ts";
import type { CliContext } from "../context.ts";
import { loadSimulation } from "../documents.ts";
import { BadInputError, EXIT_DONE } from "../exit.ts";
import type { Format } from "../solve-options.ts";
import { replayReport } from "../view/replay-report.ts";
import { replayTables } from "../view/replay-table.ts";

const FALLBACK_WIDTH = 120;

export interface ReplayFlags {
  trace?: string;
  controllers: ControllerName[];
  seeds: number;
  format: Format;
  report?: string;
}

/** `apportion replay FILE`: the traffic of a simulation file through controllers, each on the same simulated fleet. */
export async function runReplay(context: CliContext, file: string, flags: ReplayFlags): Promise<number> {
  const simulation = await loadSimulation(context, file);
  const seeds = Array.from({ length: flags.seeds }, (_, i) => (simulation.seed + i) % 2 ** 32);
  const jobs = flags.controllers.flatMap((controller) =>
    seeds.map((seed) => ({ controller, simulation: { ...simulation, seed } })),
  );
  let done = 0;
  const { isTTY } = context.stderr;
  const outcomes = await context.replay({
    jobs,
    ...(flags.trace === undefined ? {} : { traceFile: flags.trace }),
    onDone: () => {
      done++;
      if (isTTY === true)
        context.stderr.write(`\r${done} of ${jobs.length} replays${done === jobs.length ? "\n" : ""}`);
    },
  });
  const all = summaries(outcomes);
  for (const { controller, failedSolves } of all.filter((summary) => summary.failedSolves > 0)) {
    context.stderr.write(`apportion: ${controller} held what there was in ${failedSolves} steps: the solver failed\n`);
  }
  if (flags.report !== undefined) await context.writeFile(flags.report, replayReport(file, all));
  if (flags.format === "json") context.stdout.write(`${JSON.stringify(replayDocument(all), null, 2)}\n`);
  else context.stdout.write(replayTables(all, context.stdout.columns ?? FALLBACK_WIDTH));
  return EXIT_DONE;
}

/** Latencies of requests that were never answered are null: JSON has no infinity. */
function replayDocument(controllers: readonly ReplaySummary[]): object {
  return { apiVersion: "apportion.dev/v1", kind: "ReplayReport", controllers };
}

/** `ours,hpa` as names. @throws BadInputError */
export function parseControllers(text: string): ControllerName[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !CONTROLLERS.some((known) => known === name));
  if (unknown.length > 0) {
    throw new BadInputError([`--controllers: there is no ${unknown.join(", ")}; choose of ${CONTROLLERS.join(", ")}`]);
  }
  return CONTROLLERS.filter((known) => names.includes(known));
}
