import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { JsonCallError } from "../../domain/json-call-error.ts";
import type { JsonCalls } from "../../ports/json-calls.ts";
import type { Log } from "../../ports/log.ts";

/** A problem as JSON is the largest that a browser sends. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A stream that says nothing for so long sends an empty line, so that whoever reads knows that it is alive. */
const HEARTBEAT_MS = 10_000;

/** HTTP status of a code, as the Connect protocol has them. */
const STATUS: Record<string, number> = {
  cancelled: 499,
  invalid_argument: 400,
  out_of_range: 400,
  failed_precondition: 412,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  aborted: 409,
  resource_exhausted: 429,
  unimplemented: 404,
  unavailable: 503,
  deadline_exceeded: 504,
};

export interface CallsOptions {
  calls: JsonCalls;
  log: Log;
  /** Also for callers on other machines, who would send their tokens in plain text. */
  anyPeer: boolean;
}

/**
 * Answers `POST /apportion.v1.Service/Method` with JSON: a unary call with one message, a stream with one on each line.
 * Errors are `{code, message, violations}`.
 *
 * @returns false where the path is no method
 */
export async function answerCall(
  { calls, log, anyPeer }: CallsOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const method = (request.url ?? "").slice(1).split("?")[0]!;
  const kind = calls.kindOf(method);
  if (kind === undefined) return false;
  const closed = new AbortController();
  response.on("close", () => closed.abort());
  try {
    refuseForeign(request, anyPeer);
    const body = await bodyOf(request);
    const { authorization } = request.headers;
    const call = { method, body, signal: closed.signal, ...(authorization !== undefined && { authorization }) };
    if (kind === "unary") sendJson(response, 200, await calls.unary(call));
    else await streamLines(response, (write) => calls.stream(call, write));
  } catch (error) {
    sendError(response, log, method, error);
  }
  return true;
}

/**
 * Only what the page itself asks: a page of another site, or of a name that was made to lead here, must not decide anything in
 * somebody's name.
 *
 * @throws JsonCallError
 */
function refuseForeign(request: IncomingMessage, anyPeer: boolean): void {
  const { headers, socket } = request;
  const refused = (why: string) => new JsonCallError("permission_denied", why);
  if (request.method !== "POST") throw new JsonCallError("unimplemented", "calls are made with POST");
  if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) {
    throw new JsonCallError("invalid_argument", "the content type is application/json");
  }
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") throw refused("calls come from this page alone");
  if (headers.origin !== undefined && new URL(headers.origin).host !== headers.host) {
    throw refused("calls come from this page alone");
  }
  if (anyPeer) return;
  if (!isLocal(socket.remoteAddress ?? "")) {
    throw refused("HTTP is plain text here, so calls are taken from this machine alone; forward the port");
  }
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(headers.host ?? "")) {
    throw refused(`calls are made to localhost, not to ${(headers.host ?? "").slice(0, 100)}`);
  }
}

function isLocal(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new JsonCallError("resource_exhausted", `the body is larger than ${MAX_BODY_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function streamLines(
  response: ServerResponse,
  run: (write: (message: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const write = async (line: string): Promise<void> => {
    if (!response.headersSent) writeHead(response, 200, "application/x-ndjson");
    heartbeat.refresh();
    if (!response.write(`${line}\n`) && !response.destroyed)
      await Promise.race([once(response, "drain"), once(response, "close")]);
  };
  const heartbeat = setInterval(() => void write(""), HEARTBEAT_MS);
  try {
    await run(write);
    if (!response.headersSent) writeHead(response, 200, "application/x-ndjson");
    response.end();
  } finally {
    clearInterval(heartbeat);
  }
}

function sendError(response: ServerResponse, log: Log, method: string, error: unknown): void {
  const known = error instanceof JsonCallError;
  if (!known) log.error({ method, error: error instanceof Error ? error.message : String(error) }, "call failed");
  const { code, message, violations } = known
    ? error
    : new JsonCallError("internal", "internal error; the log of the service says more");
  const body = JSON.stringify({ code, message, violations });
  if (response.headersSent) {
    // The status has gone out: the error is the last line.
    response.end(`${JSON.stringify({ error: { code, message } })}\n`);
    return;
  }
  sendJson(response, STATUS[code] ?? 500, body);
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  writeHead(response, status, "application/json");
  response.end(body);
}

function writeHead(response: ServerResponse, status: number, contentType: string): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
}
