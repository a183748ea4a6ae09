import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { readSettings } from "./config-thread.ts";
import { type ConnectionOptions, type ConnectionSettings, headersOf, loadConfig } from "./sdk-config.ts";

export type { ConnectionOptions } from "./sdk-config.ts";

/** How to reach one API server, with the credentials of now. */
export interface Connection {
  /** Without a slash at the end. */
  server: string;
  /** Namespace of the context or of the service account. */
  namespace: string;
  agent: http.Agent;
  /** Headers that authenticate, newly read where tokens rotate. */
  headers(): Promise<Record<string, string>>;
}

/** Service account tokens rotate every hour at the earliest; exec plugins cost a process. */
const CREDENTIALS_AGE_MS = 30_000;
const MAX_SOCKETS = 16;

/**
 * Reads kubeconfig or service account. The SDK does it in a thread that ends soon after, as it takes 90 MB; it stays
 * in this process only where it is needed for longer (programs and providers of credentials, proxies).
 *
 * @throws Error where there is no usable configuration
 */
export async function connect(options: ConnectionOptions = {}): Promise<Connection> {
  const settings = await readSettings(options);
  if (settings === undefined) return connectWithSdk(options);
  const { server, namespace, headers, tokenFile } = settings;
  const refreshed = async () =>
    tokenFile === undefined
      ? headers
      : { ...headers, Authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` };
  return { server, namespace, agent: agentOf(settings), headers: kept(await refreshed(), refreshed) };
}

async function connectWithSdk(options: ConnectionOptions): Promise<Connection> {
  const { settings, proxied, credentials } = await loadConfig(options);
  const { agent: proxy } = await credentials();
  const agent = proxied && proxy instanceof http.Agent ? proxy : agentOf(settings);
  const refreshed = async () => headersOf(await credentials());
  return { server: settings.server, namespace: settings.namespace, agent, headers: kept(settings.headers, refreshed) };
}

/** The headers, and after a while what `refreshed` makes of them. */
function kept(
  first: Record<string, string>,
  refreshed: () => Promise<Record<string, string>>,
): () => Promise<Record<string, string>> {
  let cached = { readAtMs: performance.now(), headers: first };
  return async () => {
    if (performance.now() - cached.readAtMs > CREDENTIALS_AGE_MS) {
      cached = { readAtMs: performance.now(), headers: await refreshed() };
    }
    return cached.headers;
  };
}

/** The SDK's agents open a connection for each request; this keeps a few. */
function agentOf({ server, tls }: ConnectionSettings): http.Agent {
  const keep = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return server.startsWith("http:") ? new http.Agent(keep) : new https.Agent({ ...keep, ...tls });
}
