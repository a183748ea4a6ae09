import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createFileRegistry,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { JsonCallError } from "../../domain/json-call-error.ts";
import { FieldViolations } from "../../gen/apportion/v1/errors.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import type { JsonCalls, JsonRequest } from "../../ports/json-calls.ts";
import { MAX_RECEIVE_BYTES, MAX_SEND_BYTES } from "./limits.ts";

const DESCRIPTORS = fileURLToPath(new URL("../../gen/descriptors.binpb", import.meta.url));

/** A unary call of a browser ends after this at the latest. */
const DEADLINE_MS = 60_000;

const asIs = (bytes: Buffer): Buffer => bytes;

/**
 * The service's own calls for those who speak JSON over HTTP: every call goes through the gRPC server, with the same rights,
 * limits and errors as any other client's.
 *
 * @param address where the gRPC server listens in plain text
 */
export function jsonCalls(address: string): JsonCalls {
  return new GrpcJsonCalls(address);
}

class GrpcJsonCalls implements JsonCalls {
  readonly #registry: FileRegistry;
  readonly #client: Client;

  constructor(address: string) {
    this.#registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS)));
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_SEND_BYTES,
      "grpc.max_send_message_length": MAX_RECEIVE_BYTES,
    });
  }

  kindOf(method: string): "unary" | "stream" | undefined {
    const kind = this.#method(method)?.methodKind;
    if (kind === "unary") return "unary";
    return kind === "server_streaming" ? "stream" : undefined;
  }

  unary(request: JsonRequest): Promise<string> {
    const method = this.#known(request.method);
    const bytes = this.#encoded(method, request.body);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const options = { deadline: Date.now() + DEADLINE_MS };
    const call = this.#client.makeUnaryRequest(
      pathOf(method),
      asIs,
      asIs,
      bytes,
      metadataOf(request),
      options,
      (error, response) => {
        if (error !== null) reject(callError(error));
        else resolve(this.#json(method, response ?? Buffer.alloc(0)));
      },
    );
    whileOpen(request.signal, promise, () => call.cancel());
    return promise;
  }

  async stream(request: JsonRequest, onMessage: (message: string) => Promise<void>): Promise<void> {
    const method = this.#known(request.method);
    const bytes = this.#encoded(method, request.body);
    const call = this.#client.makeServerStreamRequest(pathOf(method), asIs, asIs, bytes, metadataOf(request));
    const cancel = (): void => call.cancel();
    if (request.signal.aborted) cancel();
    request.signal.addEventListener("abort", cancel);
    try {
      for await (const message of call) await onMessage(this.#json(method, message as Buffer));
    } catch (error) {
      if (request.signal.aborted) return;
      throw isServiceError(error) ? callError(error) : error;
    } finally {
      request.signal.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  #method(path: string): DescMethod | undefined {
    const [service = "", name = "", ...more] = path.split("/");
    if (more.length > 0) return undefined;
    return this.#registry.getService(service)?.methods.find((method) => method.name === name);
  }

  #known(path: string): DescMethod {
    const method = this.#method(path);
    if (method === undefined) throw new JsonCallError("unimplemented", `there is no method ${path.slice(0, 200)}`);
    return method;
  }

  /** @throws JsonCallError where the text is not JSON, or no such message */
  #encoded(method: DescMethod, body: string): Buffer {
    try {
      const message = fromJsonString(method.input, body === "" ? "{}" : body, { registry: this.#registry });
      return Buffer.from(toBinary(method.input, message));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new JsonCallError("invalid_argument", `the body is no ${method.input.typeName}: ${why}`.slice(0, 400));
    }
  }

  #json(method: DescMethod, bytes: Buffer): string {
    return toJsonString(method.output, fromBinary(method.output, bytes), {
      registry: this.#registry,
      alwaysEmitImplicit: true,
    });
  }
}

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;

function metadataOf({ authorization }: JsonRequest): Metadata {
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set("authorization", authorization);
  return metadata;
}

function whileOpen(signal: AbortSignal, work: Promise<unknown>, cancel: () => void): void {
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel);
  const off = (): void => signal.removeEventListener("abort", cancel);
  work.then(off, off);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}

function callError(error: ServiceError): JsonCallError {
  const code = (status[error.code] ?? "UNKNOWN").toLowerCase();
  return new JsonCallError(code, error.details, violationsOf(error));
}

function violationsOf(error: ServiceError): JsonCallError["violations"] {
  const raw = error.metadata?.get("grpc-status-details-bin")[0];
  if (!(raw instanceof Buffer)) return [];
  const detail = Status.decode(raw).details.find((any) => any.typeUrl.endsWith("/apportion.v1.FieldViolations"));
  return detail === undefined ? [] : FieldViolations.decode(detail.value).violations;
}
