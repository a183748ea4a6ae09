import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../../ports/log.ts";

/** Bounds of a request: nothing that is served here takes a body or long headers. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_CONNECTIONS = 256;

/** What a path answers. */
export interface Page {
  status: number;
  contentType: string;
  body: string;
}

export interface HttpServerOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** By path. What rejects is answered with 500. */
  pages: ReadonlyMap<string, () => Promise<Page>>;
  log: Log;
}

export interface HttpServer {
  host: string;
  port: number;
  /** Open connections are cut. */
  stop(): Promise<void>;
}

export const plainText = (status: number, body: string): Page => ({
  status,
  contentType: "text/plain; charset=utf-8",
  body: `${body}\n`,
});

/** Serves pages to GET and HEAD. @throws Error (with `code`) where the address is taken or is none of this machine's */
export async function startHttpServer({ host, port, pages, log }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(pages, log, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  pages: HttpServerOptions["pages"],
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, contentType, body } = await pageOf(pages, log, request);
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(status === 405 && { Allow: "GET, HEAD" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function pageOf(pages: HttpServerOptions["pages"], log: Log, request: IncomingMessage): Promise<Page> {
  const [path = ""] = (request.url ?? "").split("?");
  const page = pages.get(path);
  if (page === undefined) return plainText(404, `there is ${[...pages.keys()].join(", ")}`);
  if (request.method !== "GET" && request.method !== "HEAD") return plainText(405, "only GET and HEAD");
  try {
    return await page();
  } catch (error) {
    log.error({ path, error: error instanceof Error ? error.message : String(error) }, "page failed");
    return plainText(500, "internal error; the log of the service says more");
  }
}
