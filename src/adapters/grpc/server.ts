import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Log } from "../../ports/log.ts";
import type { Placement } from "../../ports/placement.ts";
import { CodecThread } from "./codec-thread.ts";
import { MAX_CONCURRENT_STREAMS, MAX_RECEIVE_BYTES, MAX_SEND_BYTES, SHUTDOWN_GRACE_MS } from "./limits.ts";
import { formatListenAddress, isLoopback, parseListenAddress } from "./listen-address.ts";
import { Messages } from "./messages.ts";
import { placementService } from "./placement-service.ts";
import { addReflection } from "./reflection.ts";
import { placementDefinition } from "./service-definition.ts";
import { SolveGate } from "./solve-gate.ts";

export interface GrpcServerOptions {
  /** `host:port`; port 0 picks a free one. */
  listen: string;
  /** Files of a PEM certificate chain and its key; without them the service speaks plain text. */
  tls?: { certFile: string; keyFile: string };
  /** Allows plain text on an address that others can reach. */
  insecureListen: boolean;
  /** Solves that run at a time, and that wait for their turn. */
  maxSolves: number;
  maxQueued: number;
  /** Of the thread that reads and writes large messages: a module that calls `serveCodec`. */
  codecScript: URL;
}

export interface GrpcServer {
  /** Where it listens, with the port that was picked. */
  address: string;
  /** Says not-serving, lets running solves answer with their best plan, cuts what is left after a grace time. */
  stop(): Promise<void>;
}

const SERVICE_NAME = "apportion.v1.PlacementService";

/**
 * Starts the service: placement, health and reflection.
 *
 * @throws RangeError where the address is malformed, or can be reached by others without TLS
 * @throws Error where the address is taken or the certificate cannot be read
 */
export async function startGrpcServer(placement: Placement, log: Log, options: GrpcServerOptions): Promise<GrpcServer> {
  const wanted = parseListenAddress(options.listen);
  if (!options.tls && !options.insecureListen && !isLoopback(wanted.host)) {
    throw new RangeError(
      `--listen ${options.listen}: others can reach this address and the service would speak plain text; give --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure-listen`,
    );
  }
  const stopping = new AbortController();
  const server = new Server({
    "grpc.max_receive_message_length": MAX_RECEIVE_BYTES,
    "grpc.max_send_message_length": MAX_SEND_BYTES,
    "grpc.max_concurrent_streams": MAX_CONCURRENT_STREAMS,
  });
  const gate = new SolveGate({ running: options.maxSolves, queued: options.maxQueued });
  const codec = new CodecThread(options.codecScript);
  const messages = new Messages(placement, codec);
  const service = placementService({ placement, messages, gate, log, stopping: stopping.signal });
  server.addService(placementDefinition, service);
  const health = new HealthImplementation({ "": "SERVING", [SERVICE_NAME]: "SERVING" });
  health.addToServer(server);
  addReflection(server);

  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind(formatListenAddress(wanted), credentials(options.tls)).catch((error: Error) => {
    throw new Error(`--listen ${options.listen}: ${error.message}; stop what listens there or give another address`);
  });
  const address = formatListenAddress({ ...wanted, port });
  log.info({ address, tls: options.tls !== undefined }, "listening");
  return {
    address,
    stop: async () => {
      health.setStatus("", "NOT_SERVING");
      health.setStatus(SERVICE_NAME, "NOT_SERVING");
      stopping.abort();
      await shutDown(server);
      codec.stop();
      log.info({}, "stopped");
    },
  };
}

function credentials(tls: GrpcServerOptions["tls"]): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [
    { cert_chain: readFileSync(tls.certFile), private_key: readFileSync(tls.keyFile) },
  ]);
}

async function shutDown(server: Server): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), SHUTDOWN_GRACE_MS);
  try {
    await promisify(server.tryShutdown.bind(server))();
  } finally {
    clearTimeout(timer);
  }
}
