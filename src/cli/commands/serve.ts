import type { CliContext, KubernetesOptions, RunningService } from "../context.ts";
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
  kubernetes: boolean;
  kubeconfig?: string;
  context?: string;
  scope: string;
  namespace?: string;
  state?: string;
  record?: string;
  interval: number;
}

/** `apportion serve [FILE]`: runs until it is asked to end. */
export async function runServe(context: CliContext, file: string | undefined, flags: ServeFlags): Promise<number> {
  if (file !== undefined && flags.example) {
    throw new BadInputError(["FILE and --example are both given; give one of them"]);
  }
  if (flags.kubernetes && (file !== undefined || flags.example)) {
    throw new BadInputError(["--kubernetes plans the cluster; give no FILE and no --example"]);
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
    const text = flags.kubernetes ? fleetText(service.address, flags) : listeningText(service.address, planned);
    context.stdout.write(`${text}\n`);
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
    ...(flags.kubernetes && { kubernetes: kubernetesOptions(flags) }),
    // On a terminal the lines would stand between those for people.
    logLevel: flags.logLevel ?? (context.stderr.isTTY ? "warn" : "info"),
  });
}

function kubernetesOptions(flags: ServeFlags): KubernetesOptions {
  const { kubeconfig, context, scope, namespace, state, record, interval } = flags;
  return {
    scope,
    intervalMs: interval,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
    ...(state !== undefined && { state }),
    ...(record !== undefined && { record }),
  };
}

function fleetText(address: string, flags: ServeFlags): string {
  return [
    "",
    `gRPC listens on ${address}; the fleet of PlacementPolicy ${flags.scope} is planned every ${flags.interval / 1000} s and on change. Try next:`,
    "",
    `  npx apportion status --server ${address}`,
    "  kubectl get va -A",
    "",
    "Ctrl-C stops it.",
  ].join("\n");
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
