import type { Snapshot } from "../../snapshot/types.ts";
import type {
  AccessOptions,
  CliContext,
  KubernetesOptions,
  ReportedOptions,
  RunningService,
  ServeOptions,
  SimulatedOptions,
} from "../context.ts";
import { loadProblem, loadSimulation, loadSnapshot } from "../documents.ts";
import { BadInputError, EXIT_DONE } from "../exit.ts";
import { fleetText, listeningText, reportedText, simulatedText } from "./serve-texts.ts";
import { printPlan, solveWatched } from "./solve.ts";

export interface ServeFlags {
  example: boolean;
  listen: string;
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
  clientRights?: string;
  auth?: "kubernetes";
  authAudience?: string;
  insecureListen: boolean;
  http: string;
  maxSolves: number;
  maxQueued: number;
  timeLimit: number;
  logLevel?: string;
  kubernetes: boolean;
  live: boolean;
  simulate: boolean;
  speed: number;
  mode: SimulatedOptions["mode"];
  trace?: string;
  kubeconfig?: string;
  context?: string;
  scope: string;
  namespace?: string;
  state?: string;
  record?: string;
  signals?: string;
  interval: number;
}

/** Where HTTP listens unless told otherwise; only then is it left out where somebody else listens there. */
export const DEFAULT_HTTP = "127.0.0.1:8080";

/** `apportion serve [FILE]`: runs until it is asked to end. */
export async function runServe(context: CliContext, file: string | undefined, flags: ServeFlags): Promise<number> {
  refuseMixed(file, flags);
  // A fleet's first cycle loads the engines that its problems need: the exact one takes 60 MB.
  if (!flags.kubernetes) context.placement.warmUp();
  if (flags.simulate) return serveSimulated(context, flags, file ?? context.simulationFile);
  if (flags.live && file !== undefined) return serveFleet(context, flags, await loadSnapshot(context, file));
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
    const text = flags.kubernetes ? fleetText(service, flags) : listeningText(service, planned);
    context.stdout.write(`${text}\n`);
    await ended;
    context.stderr.write("stopping\n");
  } finally {
    await service.stop();
  }
  return EXIT_DONE;
}

/** @throws BadInputError */
function refuseMixed(file: string | undefined, { example, kubernetes, live, simulate, signals }: ServeFlags): void {
  if (signals !== undefined && !kubernetes) {
    throw new BadInputError(["--signals is of --kubernetes; give both, or report demand instead"]);
  }
  if (simulate && (live || kubernetes || example)) {
    throw new BadInputError(["--simulate brings its own cluster; give none of --live, --kubernetes and --example"]);
  }
  if (live && (kubernetes || example || file === undefined)) {
    throw new BadInputError(["--live plans a snapshot; give it as FILE, and neither --kubernetes nor --example"]);
  }
  if (file !== undefined && example) {
    throw new BadInputError(["FILE and --example are both given; give one of them"]);
  }
  if (kubernetes && (file !== undefined || example)) {
    throw new BadInputError(["--kubernetes plans the cluster; give no FILE and no --example"]);
  }
}

/** A fleet outside of a cluster. */
async function serveFleet(context: CliContext, flags: ServeFlags, snapshot: Snapshot): Promise<number> {
  const ended = context.untilSignal();
  const service = await start(context, flags, {
    reported: { snapshot, timeLimitMs: flags.timeLimit, ...fleetOptions(flags) } satisfies ReportedOptions,
  });
  try {
    context.stdout.write(`${reportedText(service, flags)}\n`);
    await ended;
    context.stderr.write("stopping\n");
  } finally {
    await service.stop();
  }
  return EXIT_DONE;
}

/** A fleet on a cluster that is simulated. */
async function serveSimulated(context: CliContext, flags: ServeFlags, file: string): Promise<number> {
  const simulation = await loadSimulation(context, file);
  const { speed, mode, timeLimit: timeLimitMs, trace } = flags;
  const end = new AbortController();
  const ended = context.untilSignal().then(() => end.abort());
  const service = await start(context, flags, {
    simulated: {
      simulation,
      ...(trace === undefined ? {} : { traceFile: trace }),
      speed,
      mode,
      timeLimitMs,
      ...fleetOptions(flags),
    } satisfies SimulatedOptions,
  });
  try {
    const first = await Promise.race([service.firstPlan, ended]);
    if (first) printPlan(context, first.problem, first.plan, "table");
    const workload = simulation.workloads.at(-1)!;
    const variant = `${workload.name.split("/")[0]}/${workload.variants[0]!.name}`;
    const { pool } = workload.variants[0]!;
    const parts = { speed, mode, workload: workload.name, variant, pool, source: file };
    context.stdout.write(`${simulatedText(service, parts)}\n`);
    await ended;
    context.stderr.write("stopping\n");
  } finally {
    await service.stop();
  }
  return EXIT_DONE;
}

async function start(
  context: CliContext,
  flags: ServeFlags,
  fleet: Pick<ServeOptions, "reported" | "simulated"> = {},
): Promise<RunningService> {
  const { http } = flags;
  return context.serve({
    listen: flags.listen,
    ...tlsOptions(flags),
    access: accessOptions(flags),
    insecureListen: flags.insecureListen,
    ...(http !== "off" && { http: { listen: http, optional: http === DEFAULT_HTTP } }),
    maxSolves: flags.maxSolves,
    maxQueued: flags.maxQueued,
    ...(flags.kubernetes && { kubernetes: kubernetesOptions(flags) }),
    ...fleet,
    // On a terminal the lines would stand between those for people.
    logLevel: flags.logLevel ?? (context.stderr.isTTY ? "warn" : "info"),
  });
}

function tlsOptions({ tlsCert, tlsKey, tlsClientCa }: ServeFlags): Pick<ServeOptions, "tls"> {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new BadInputError(["--tls-cert and --tls-key belong together; give both or neither"]);
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    if (tlsClientCa === undefined) return {};
    throw new BadInputError(["--tls-client-ca needs TLS; give --tls-cert and --tls-key"]);
  }
  const client = tlsClientCa === undefined ? {} : { clientCaFile: tlsClientCa };
  return { tls: { certFile: tlsCert, keyFile: tlsKey, ...client } };
}

function accessOptions(flags: ServeFlags): AccessOptions {
  const { tlsClientCa, clientRights, auth, authAudience, kubeconfig, context } = flags;
  if ((tlsClientCa === undefined) !== (clientRights === undefined)) {
    throw new BadInputError(["--tls-client-ca and --client-rights belong together; give both or neither"]);
  }
  if (authAudience !== undefined && auth === undefined) {
    throw new BadInputError(["--auth-audience is of --auth kubernetes; give both"]);
  }
  return {
    ...(clientRights !== undefined && { clientRightsFile: clientRights }),
    ...(auth === "kubernetes" && {
      kubernetes: {
        ...(kubeconfig !== undefined && { kubeconfig }),
        ...(context !== undefined && { context }),
        ...(authAudience !== undefined && { audience: authAudience }),
      },
    }),
  };
}

function kubernetesOptions(flags: ServeFlags): KubernetesOptions {
  const { kubeconfig, context, namespace, signals } = flags;
  return {
    ...fleetOptions(flags),
    ...(signals !== undefined && { signalsFile: signals }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
  };
}

function fleetOptions({
  scope,
  state,
  record,
  interval,
}: ServeFlags): Omit<ReportedOptions, "snapshot" | "timeLimitMs"> {
  return {
    scope,
    intervalMs: interval,
    ...(state !== undefined && { state }),
    ...(record !== undefined && { record }),
  };
}
