import { promisify } from "node:util";
import { Server, ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { DemandServiceService } from "../../gen/apportion/v1/demand.ts";
import { InventoryServiceService } from "../../gen/apportion/v1/inventory.ts";
import { OverrideServiceService } from "../../gen/apportion/v1/override.ts";
import { ExternalScalerService } from "../../gen/externalscaler/externalscaler.ts";
import type { Access } from "../../ports/access.ts";
import type { ReportIntake } from "../../ports/ingest.ts";
import type { JsonCalls } from "../../ports/json-calls.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Placement } from "../../ports/placement.ts";
import type { CallTelemetry } from "../../ports/telemetry.ts";
import { authInterceptor } from "./auth.ts";
import { callTelemetryInterceptor } from "./call-telemetry.ts";
import { CertificateFiles, type TlsFiles } from "./certificates.ts";
import { CodecThread } from "./codec-thread.ts";
import { demandService } from "./demand-service.ts";
import { externalScaler } from "./external-scaler.ts";
import { inventoryService } from "./inventory-service.ts";
import { jsonCalls } from "./json-calls.ts";
import { MAX_CONCURRENT_STREAMS, MAX_RECEIVE_BYTES, MAX_SEND_BYTES, SHUTDOWN_GRACE_MS } from "./limits.ts";
import { formatListenAddress, isLoopback, parseListenAddress } from "./listen-address.ts";
import type { LiveCallsDeps } from "./live-calls.ts";
import { Messages } from "./messages.ts";
import { overrideService } from "./override-service.ts";
import { placementService } from "./placement-service.ts";
import { privateSocket } from "./private-socket.ts";
import { addReflection } from "./reflection.ts";
import { placementDefinition } from "./service-definition.ts";
import { SolveGate } from "./solve-gate.ts";

export interface GrpcServerOptions {
  /** `host:port`; port 0 picks a free one. */
  listen: string;
  /** Files of a PEM certificate chain and its key; without them the service speaks plain text. */
  tls?: TlsFiles;
  /** Who may call what; absent: whoever reaches the address. */
  access?: Access;
  /** How often the right to a stream is asked for again; default a minute. */
  recheckMs?: number;
  /** Allows plain text and calls of unknown callers on an address that others can reach. */
  insecureListen: boolean;
  telemetry?: CallTelemetry;
  /** Solves that run at a time, and that wait for their turn. */
  maxSolves: number;
  maxQueued: number;
  /** Of the thread that reads and writes large messages: a module that calls `serveCodec`. */
  codecScript: URL;
  /** The running fleet and what reports go to; without them the service solves problems only. */
  fleet?: FleetParts;
}

export interface FleetParts {
  live: Live;
  demand: ReportIntake;
  inventory: ReportIntake;
  staleAfterMs: () => number;
  /** By the clock that reports are dated by when they arrive; absent: that of this machine. */
  nowMs?: () => number;
}

export interface GrpcServer {
  /** Where it listens, with the port that was picked. */
  address: string;
  /** The service's own calls in JSON. */
  calls: JsonCalls;
  /** Says not-serving, lets running solves answer with their best plan, cuts what is left after a grace time. */
  stop(): Promise<void>;
}

const PLACEMENT = "apportion.v1.PlacementService";
const FLEET_SERVICES = [
  "apportion.v1.DemandService",
  "apportion.v1.InventoryService",
  "apportion.v1.OverrideService",
  "externalscaler.ExternalScaler",
];

/**
 * Starts the service: placement, health and reflection.
 *
 * @throws RangeError where the address is malformed, or can be reached by others without TLS or unasked
 * @throws Error where the address is taken or the certificate cannot be read
 */
export async function startGrpcServer(placement: Placement, log: Log, options: GrpcServerOptions): Promise<GrpcServer> {
  const wanted = parseListenAddress(options.listen);
  checkOpenness(options, wanted.host);
  const stopping = new AbortController();
  const server = new Server({
    "grpc.max_receive_message_length": MAX_RECEIVE_BYTES,
    "grpc.max_send_message_length": MAX_SEND_BYTES,
    "grpc.max_concurrent_streams": MAX_CONCURRENT_STREAMS,
    interceptors: interceptors(options, log),
  });
  const gate = new SolveGate({ running: options.maxSolves, queued: options.maxQueued });
  const codec = new CodecThread(options.codecScript);
  const messages = new Messages(placement, codec);
  const live = options.fleet?.live;
  const shared = { live, gate, log, stopping: stopping.signal };
  server.addService(placementDefinition, placementService({ ...shared, placement, messages }));
  if (options.fleet !== undefined) addFleetServices(server, options.fleet, shared);
  const services = ["", PLACEMENT, ...(live === undefined ? [] : FLEET_SERVICES)];
  const health = new HealthImplementation(Object.fromEntries(services.map((name) => [name, "SERVING" as const])));
  health.addToServer(server);
  addReflection(server);

  const certificates = options.tls && new CertificateFiles(options.tls, log);
  const credentials = certificates?.credentials() ?? ServerCredentials.createInsecure();
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind(formatListenAddress(wanted), credentials).catch((error: Error) => {
    certificates?.close();
    throw new Error(`--listen ${options.listen}: ${error.message}; stop what listens there or give another address`);
  });
  const address = formatListenAddress({ ...wanted, port });
  const socket = certificates === undefined ? undefined : await privateSocket(server);
  const calls = jsonCalls(socket?.address ?? address);
  log.info({ address, tls: certificates !== undefined, access: options.access !== undefined }, "listening");
  return {
    address,
    calls,
    stop: async () => {
      for (const name of services) health.setStatus(name, "NOT_SERVING");
      stopping.abort();
      calls.close();
      await shutDown(server);
      certificates?.close();
      socket?.remove();
      codec.stop();
      log.info({}, "stopped");
    },
  };
}

function addFleetServices(server: Server, fleet: FleetParts, shared: LiveCallsDeps): void {
  const { staleAfterMs, nowMs = Date.now } = fleet;
  const { log } = shared;
  server.addService(
    DemandServiceService,
    demandService({ intake: fleet.demand, live: fleet.live, staleAfterMs, nowMs, log }),
  );
  server.addService(
    InventoryServiceService,
    inventoryService({ intake: fleet.inventory, live: fleet.live, staleAfterMs, nowMs, log }),
  );
  server.addService(OverrideServiceService, overrideService(shared));
  server.addService(ExternalScalerService, externalScaler(shared));
}

/** @throws RangeError where others could read along, or call without saying who they are, and nobody said that they may */
function checkOpenness({ listen, tls, access, insecureListen }: GrpcServerOptions, host: string): void {
  if (insecureListen || isLoopback(host)) return;
  const missing = [
    ...(tls === undefined ? [["the service would speak plain text", "give --tls-cert and --tls-key"] as const] : []),
    ...(access === undefined
      ? [
          [
            "the service would ask nobody who calls",
            "give --tls-client-ca with --client-rights, or --auth kubernetes",
          ] as const,
        ]
      : []),
  ];
  if (missing.length === 0) return;
  const faults = missing.map(([fault]) => fault).join(" and ");
  const cures = missing.map(([, cure]) => cure).join("; ");
  throw new RangeError(
    `--listen ${listen}: others can reach this address and ${faults}; ${cures}; or listen on 127.0.0.1, or say --insecure-listen`,
  );
}

/** The first sees what all others answer. */
function interceptors({ telemetry, access, recheckMs }: GrpcServerOptions, log: Log): ServerInterceptor[] {
  return [
    ...(telemetry === undefined ? [] : [callTelemetryInterceptor(telemetry)]),
    ...(access === undefined ? [] : [authInterceptor(access, log, recheckMs)]),
  ];
}

async function shutDown(server: Server): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), SHUTDOWN_GRACE_MS);
  try {
    await promisify(server.tryShutdown.bind(server))();
  } finally {
    clearTimeout(timer);
  }
}
