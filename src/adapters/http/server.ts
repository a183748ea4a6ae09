import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../../ports/log.ts";
import type { Asset } from "./assets.ts";
import { answerCall, type CallsOptions } from "./calls.ts";

/** Bounds of a request: short headers, and bodies of calls alone, which have their own bound. */
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
  /** By path; none where there is no dashboard. */
  assets?: ReadonlyMap<string, Asset>;
  /** The calls of the service in JSON. */
  calls?: Pick<CallsOptions, "calls" | "anyPeer">;
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

/** Nothing comes from elsewhere, nothing is sent elsewhere, and no other page frames this one. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves pages and assets to GET and HEAD, and takes calls. @throws Error (with `code`) where the address is taken or is none of this machine's */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port } = options;
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(options, request, response),
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

async function answer(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pages, assets, calls, log } = options;
  const [path = ""] = (request.url ?? "").split("?");
  const asset = assets?.get(path);
  if (asset !== undefined && isRead(request)) return sendAsset(asset, request, response);
  if (calls !== undefined && !pages.has(path) && (await answerCall({ ...calls, log }, request, response))) return;
  const { status, contentType, body } = await pageOf(options, path, request);
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(status === 405 && { Allow: "GET, HEAD" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

const isRead = ({ method }: IncomingMessage): boolean => method === "GET" || method === "HEAD";

function sendAsset(asset: Asset, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    "Content-Type": asset.contentType,
    "Content-Length": asset.body.length,
    "Cache-Control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : asset.body);
}

async function pageOf(
  { pages, assets, log }: HttpServerOptions,
  path: string,
  request: IncomingMessage,
): Promise<Page> {
  const page = pages.get(path);
  if (page === undefined)
    return plainText(404, `there is ${[...(assets?.has("/") ? ["/"] : []), ...pages.keys()].join(", ")}`);
  if (!isRead(request)) return plainText(405, "only GET and HEAD");
  try {
    return await page();
  } catch (error) {
    log.error({ path, error: error instanceof Error ? error.message : String(error) }, "page failed");
    return plainText(500, "internal error; the log of the service says more");
  }
}
