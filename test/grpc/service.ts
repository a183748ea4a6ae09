/** A running service on a free loopback port, with the real solver, and a typed client. */
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";
import { type GrpcServer, type GrpcServerOptions, startGrpcServer } from "../../src/adapters/grpc/server.ts";
import { inProcessPlacement } from "../../src/app/placement.ts";
import { FieldViolations } from "../../src/gen/apportion/v1/errors.ts";
import {
  PlacementServiceClient,
  type SolveRequest,
  type SolveResponse,
  type VerifyRequest,
  type VerifyResponse,
} from "../../src/gen/apportion/v1/placement.ts";
import { BadRequest } from "../../src/gen/google/rpc/error_details.ts";
import { Status } from "../../src/gen/google/rpc/status.ts";
import type { Placement } from "../../src/ports/placement.ts";

const CODEC_SCRIPT = new URL("../../src/bin/codec-thread.ts", import.meta.url);

export interface LogLine {
  level: "info" | "warn" | "error";
  fields: Record<string, unknown>;
  message: string;
}

export interface TestService {
  server: GrpcServer;
  client: PlacementServiceClient;
  solve(request: SolveRequest): Promise<SolveResponse>;
  verify(request: VerifyRequest): Promise<VerifyResponse>;
  log: LogLine[];
}

/** Starts it; it ends with the test. `replace` swaps single parts of the real placement. */
export async function startService(
  replace: (real: Placement) => Partial<Placement> = () => ({}),
  options: Partial<GrpcServerOptions> = {},
): Promise<TestService> {
  const log: LogLine[] = [];
  const at = (level: LogLine["level"]) => (fields: Record<string, unknown>, message: string) =>
    void log.push({ level, fields, message });
  const real = inProcessPlacement(readDocumentText);
  const placement = { ...real, ...replace(real) };
  const server = await startGrpcServer(
    placement,
    { info: at("info"), warn: at("warn"), error: at("error") },
    { listen: "127.0.0.1:0", insecureListen: false, maxSolves: 2, maxQueued: 2, codecScript: CODEC_SCRIPT, ...options },
  );
  const client = new PlacementServiceClient(server.address, credentials.createInsecure());
  onTestFinished(async () => {
    client.close();
    await server.stop();
  });
  return {
    server,
    client,
    log,
    solve: (request) => promised((callback) => client.solve(request, callback)),
    verify: (request) => promised((callback) => client.verify(request, callback)),
  };
}

type Callback<Response> = (error: ServiceError | null, response: Response) => void;

/** A call with a callback as a promise. */
export function promised<Response>(call: (callback: Callback<Response>) => unknown): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  call((error, response) => (error ? reject(error) : resolve(response)));
  return promise;
}

/** The error that a call ends with. Fails where it succeeds. */
export async function failure(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error("the call succeeded");
}

/** What `grpc-status-details-bin` of an error says. */
export function details(error: ServiceError): { status: Status; badRequest: BadRequest; violations: FieldViolations } {
  const raw = error.metadata.get("grpc-status-details-bin")[0];
  if (!(raw instanceof Buffer)) throw new Error("no details");
  const status = Status.decode(raw);
  const [first, second] = status.details;
  if (first?.typeUrl !== "type.googleapis.com/google.rpc.BadRequest") throw new Error("no BadRequest");
  if (second?.typeUrl !== "type.googleapis.com/apportion.v1.FieldViolations") throw new Error("no FieldViolations");
  return { status, badRequest: BadRequest.decode(first.value), violations: FieldViolations.decode(second.value) };
}
