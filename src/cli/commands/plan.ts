import { isWorld } from "../../app/live/replay.ts";
import { sizeSnapshot } from "../../app/size-snapshot.ts";
import type { CliContext } from "../context.ts";
import { loadDocument, unwrap } from "../documents.ts";
import { EXIT_DONE, EXIT_NOT_MET } from "../exit.ts";
import type { SolveFlags } from "../solve-options.ts";
import { printable } from "../view/text.ts";
import { planWorld } from "./plan-world.ts";
import { solveAndPrint } from "./solve.ts";

/**
 * `apportion plan FILE`: sizes the replicas of a snapshot, then solves. What cannot meet its SLO is said on standard error,
 * and a workload that nothing can serve makes the exit code 1. Of a recorded world, its cycle is planned again.
 */
export async function runPlan(context: CliContext, file: string, flags: SolveFlags): Promise<number> {
  context.placement.warmUp();
  const document = await loadDocument(context, file);
  if (isWorld(document)) return planWorld(context, file, document, flags.format);
  const { problem, leftOut, unservable } = unwrap(file, sizeSnapshot(context.placement, document));
  say(
    context,
    leftOut.map(({ variant, reason }) => `variant ${variant} is left out: ${reason}`),
  );
  say(
    context,
    unservable.map(({ workload, reason }) => `workload ${workload} cannot be served: ${reason}`),
  );
  if (problem === undefined) return EXIT_NOT_MET;
  const exitCode = await solveAndPrint(context, problem, flags);
  return unservable.length > 0 && exitCode === EXIT_DONE ? EXIT_NOT_MET : exitCode;
}

/** What a person reads; a fleet can have thousands. */
const MAX_LINES = 20;

function say(context: CliContext, lines: string[]): void {
  for (const line of lines.slice(0, MAX_LINES)) context.stderr.write(`apportion: ${printable(line)}\n`);
  if (lines.length > MAX_LINES) context.stderr.write(`apportion: and ${lines.length - MAX_LINES} more like these\n`);
}
