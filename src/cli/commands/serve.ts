import type { Snapshot } from "../../snapshot/types.ts";
import type {
  AccessOptions,
  CliContext,
  KubernetesOptions,
  ReportedOptions,
  RunningService,
  ServeOptions,
} from "../context.ts";
import { loadProblem, loadSnapshot } from "../documents.ts";
import { BadInputError, EXIT_DONE } from "../exit.ts";
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
  kubeconfig?: string;
  context?: string;
  scope: string;
  namespace?: string;
  state?: string;
  record?: string;
  interval: number;
}

/** Where HTTP listens unless told otherwise; only then is it left out where somebody else listens there. */
export const DEFAULT_HTTP = "127.0.0.1:8080";

/** `apportion serve [FILE]`: runs until it is asked to end. */
export async function runServe(context: CliContext, file: string | undefined, flags: ServeFlags): Promise<number> {
  refuseMixed(file, flags);
  context.placement.warmUp();
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
function refuseMixed(file: string | undefined, { example, kubernetes, live }: ServeFlags): void {
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
  const service = await start(context, flags, snapshot);
  try {
    context.stdout.write(`${reportedText(service, flags)}\n`);
    await ended;
    context.stderr.write("stopping\n");
  } finally {
    await service.stop();
  }
  return EXIT_DONE;
}

async function start(context: CliContext, flags: ServeFlags, snapshot?: Snapshot): Promise<RunningService> {
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
    ...(snapshot !== undefined && {
      reported: { snapshot, timeLimitMs: flags.timeLimit, ...fleetOptions(flags) } satisfies ReportedOptions,
    }),
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
  const { kubeconfig, context, namespace } = flags;
  return {
    ...fleetOptions(flags),
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

function fleetText({ address, httpAddress }: RunningService, flags: ServeFlags): string {
  return [
    "",
    `gRPC listens on ${address}; the fleet of PlacementPolicy ${flags.scope} is planned every ${flags.interval / 1000} s and on change.`,
    `${httpText(httpAddress)} Try next:`,
    "",
    `  npx apportion status --server ${address}`,
    "  kubectl get va -A",
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

function reportedText({ address, httpAddress }: RunningService, flags: ServeFlags): string {
  return [
    "",
    `gRPC listens on ${address}; the fleet is planned every ${flags.interval / 1000} s and on every report.`,
    `${httpText(httpAddress)} Try next:`,
    "",
    `  npx apportion status --server ${address}`,
    `  grpcurl -plaintext ${address} describe apportion.v1.InventoryService`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

function httpText(address: string | undefined): string {
  if (address === undefined) return "No HTTP.";
  return `HTTP listens on ${address} (/healthz, /readyz, /metrics).`;
}

function listeningText({ address, httpAddress }: RunningService, file: string | undefined): string {
  const problem = file ?? "PROBLEM.yaml";
  return [
    "",
    `gRPC listens on ${address} (apportion.v1.PlacementService, health, reflection).`,
    `${httpText(httpAddress)} Try next:`,
    "",
    `  npx apportion solve ${problem} --cures`,
    `  npx apportion solve ${problem} --format json > plan.json && npx apportion verify ${problem} plan.json`,
    `  grpcurl -plaintext ${address} describe apportion.v1.PlacementService`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}
