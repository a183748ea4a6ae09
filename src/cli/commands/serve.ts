import type { CliContext, RunningService } from "../context.ts";
import { loadProblem } from "../documents.ts";
import { BadInputError, EXIT_DONE } from "../exit.ts";
import { printPlan, solveWatched } from "./solve.ts";

export interface ServeFlags {
  example: boolean;
  listen: string;
  tlsCert?: string;
  tlsKey?: string;
  insecureListen: boolean;
  maxSolves: number;
  maxQueued: number;
  timeLimit: number;
  logLevel?: string;
}

/** `apportion serve [FILE]`: runs until it is asked to end. */
export async function runServe(context: CliContext, file: string | undefined, flags: ServeFlags): Promise<number> {
  if (file !== undefined && flags.example) {
    throw new BadInputError(["FILE and --example are both given; give one of them"]);
  }
  context.placement.warmUp();
  const planned = flags.example ? context.exampleFile : file;
  // Before anything listens, so that bad input ends at once.
  const problem = planned === undefined ? undefined : await loadProblem(context, planned);
  const end = new AbortController();
  const ended = context.untilSignal().then(() => end.abort());
  const service = await start(context, flags);
  try {
    if (problem !== undefined) {
      const plan = await solveWatched(context, problem, { timeLimitMs: flags.timeLimit, signal: end.signal });
      printPlan(context, problem, plan, "table");
    }
    context.stdout.write(`${listeningText(service.address, planned)}\n`);
    await ended;
    context.stderr.write("stopping\n");
  } finally {
    await service.stop();
  }
  return EXIT_DONE;
}

async function start(context: CliContext, flags: ServeFlags): Promise<RunningService> {
  const { tlsCert, tlsKey } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new BadInputError(["--tls-cert and --tls-key belong together; give both or neither"]);
  }
  return context.serve({
    listen: flags.listen,
    ...(tlsCert !== undefined && tlsKey !== undefined && { tls: { certFile: tlsCert, keyFile: tlsKey } }),
    insecureListen: flags.insecureListen,
    maxSolves: flags.maxSolves,
    maxQueued: flags.maxQueued,
    // On a terminal the lines would stand between those for people.
    logLevel: flags.logLevel ?? (context.stderr.isTTY ? "warn" : "info"),
  });
}

function listeningText(address: string, file: string | undefined): string {
  const problem = file ?? "PROBLEM.yaml";
  return [
    "",
    `gRPC listens on ${address} (apportion.v1.PlacementService, health, reflection). Try next:`,
    "",
    `  npx apportion solve ${problem} --cures`,
    `  npx apportion solve ${problem} --format json > plan.json && npx apportion verify ${problem} plan.json`,
    `  grpcurl -plaintext ${address} describe apportion.v1.PlacementService`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}
