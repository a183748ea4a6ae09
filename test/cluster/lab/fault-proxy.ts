import { once } from "node:events";
import { writeFileSync } from "node:fs";
import {
  createServer as createPlainServer,
  type IncomingMessage,
  request as plainRequest,
  type ServerResponse,
} from "node:http";
import { Agent, createServer, type RequestOptions, request as tlsRequest } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeconfigText } from "./credentials.ts";

/** A request as rules see it. */
export interface ProxiedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
}

export type Fault =
  /** An answer in the API server's place, as a Kubernetes `Status`; the API server sees nothing. */
  | { type: "status"; code: number; retryAfterSeconds?: number }
  /** Passed on after a while. */
  | { type: "delay"; ms: number }
  /** Passed on, but the connection breaks before the answer: the client cannot know whether it was done. */
  | { type: "cut-answer" }
  /** The connection breaks before anything is passed on. */
  | { type: "cut" }
  /** The answer (as a rule a watch) breaks off this long after its start. */
  | { type: "cut-stream"; afterMs: number }
  /** Accepted and never answered, as with a half-open connection. */
  | { type: "hang" };

export interface FaultRule {
  /** Absent: every request. */
  match?: (request: ProxiedRequest) => boolean;
  fault: Fault;
  /** How many requests it hits; absent: all until it is removed. */
  times?: number;
}

/** A rule in force. */
export interface ActiveFault {
  /** Requests hit so far. */
  readonly hits: number;
  remove(): void;
}

/** What went through, oldest first; `code` 0: no answer was given (yet). */
export interface SeenRequest extends ProxiedRequest {
  code: number;
  fault?: Fault["type"];
}

/** A proxy on loopback before the API server (or any HTTP server), that does harm on demand. */
export interface FaultProxy {
  url: string;
  /** Kubeconfig of the lab's administrator that leads through the proxy; empty for a proxy without TLS. */
  kubeconfig: string;
  /** Rules are tried oldest first; the first that matches hits. */
  inject(rule: FaultRule): ActiveFault;
  clear(): void;
  /** Breaks all connections that are open. */
  cutAll(): void;
  readonly seen: readonly SeenRequest[];
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  /** `https://127.0.0.1:6443` */
  target: string;
  /** Serve TLS with this certificate; the target's is then checked against the authority. */
  tls?: { certificate: string; key: string; authority: string };
  /** Where to write the kubeconfig, and whose token goes in. */
  kubeconfig?: { path: string; token: string };
}

const REASONS: Record<number, string> = {
  409: "Conflict",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
};

function refuse(response: ServerResponse, code: number, retryAfterSeconds?: number): void {
  const reason = REASONS[code] ?? "Unknown";
  const status = { apiVersion: "v1", kind: "Status", status: "Failure", message: "injected fault", reason, code };
  const retry = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  response.writeHead(code, { "content-type": "application/json", ...retry });
  response.end(JSON.stringify(status));
}

function describe(request: IncomingMessage): ProxiedRequest {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://proxy");
  return { method: request.method ?? "", path: pathname, query: searchParams };
}

/** Passes a request on and its answer back, as it comes; `fault` may break the way back. */
function forward(
  request: IncomingMessage,
  response: ServerResponse,
  send: (options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ReturnType<typeof tlsRequest>,
  fault: Fault | undefined,
  entry: SeenRequest,
): void {
  const { method, url: path, headers } = request;
  const upstream = send({ method, path, headers }, (answer) => {
    entry.code = answer.statusCode ?? 0;
    if (fault?.type === "cut-answer") {
      answer.resume().on("end", () => response.destroy());
      return;
    }
    response.writeHead(entry.code, answer.headers);
    // A watch that has nothing to say yet must still be seen to be open.
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
    if (fault?.type === "cut-stream") setTimeout(() => response.destroy(), fault.afterMs);
  });
  upstream.on("error", () => response.destroy());
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
}

export async function startFaultProxy({ target, tls, kubeconfig }: FaultProxyOptions): Promise<FaultProxy> {
  const rules: (FaultRule & { hits: number })[] = [];
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const secure = target.startsWith("https:");
  const agent = secure ? new Agent({ keepAlive: true, ca: tls?.authority }) : undefined;
  const send: Parameters<typeof forward>[2] = (options, onAnswer) =>
    (secure ? tlsRequest : plainRequest)(target, { ...options, agent }, onAnswer);

  function faultFor(request: ProxiedRequest): Fault | undefined {
    const rule = rules.find((entry) => entry.hits < (entry.times ?? Infinity) && (entry.match?.(request) ?? true));
    if (rule) rule.hits++;
    return rule?.fault;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const described = describe(request);
    const fault = faultFor(described);
    const entry: SeenRequest = { ...described, code: 0, fault: fault?.type };
    seen.push(entry);
    if (fault?.type === "hang") return;
    if (fault?.type === "cut") return void response.destroy();
    if (fault?.type === "status") {
      entry.code = fault.code;
      return refuse(response, fault.code, fault.retryAfterSeconds);
    }
    if (fault?.type === "delay") await sleep(fault.ms);
    forward(request, response, send, fault, entry);
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const server = tls ? createServer({ cert: tls.certificate, key: tls.key }, listener) : createPlainServer(listener);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that goes away is what this is for.
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (kubeconfig && tls) {
    writeFileSync(kubeconfig.path, kubeconfigText(url, tls.authority, "admin", kubeconfig.token), { mode: 0o600 });
  }

  function inject(rule: FaultRule): ActiveFault {
    const active = { ...rule, hits: 0 };
    rules.push(active);
    return {
      get hits() {
        return active.hits;
      },
      remove: () => void rules.splice(rules.indexOf(active), rules.includes(active) ? 1 : 0),
    };
  }

  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    url,
    kubeconfig: kubeconfig?.path ?? "",
    inject,
    clear: () => void rules.splice(0),
    cutAll,
    seen,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      cutAll();
      agent?.destroy();
      await closed;
    },
  };
}
