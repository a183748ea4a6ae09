import http from "node:http";
import https from "node:https";

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

export interface ConnectionOptions {
  /** Default: `KUBECONFIG`, then `~/.kube/config`, then the service account of the pod. */
  kubeconfigFile?: string;
  context?: string;
}

/** Service account tokens rotate every hour at the earliest; exec plugins cost a process. */
const CREDENTIALS_AGE_MS = 30_000;
const MAX_SOCKETS = 16;

/**
 * Reads kubeconfig or service account. The SDK is loaded here and only here: it costs 100 MB.
 *
 * @throws Error where there is no usable configuration
 */
export async function connect(options: ConnectionOptions = {}): Promise<Connection> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (options.kubeconfigFile === undefined) config.loadFromDefault();
  else config.loadFromFile(options.kubeconfigFile);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("no cluster in the kubeconfig, and no service account");

  const credentials = async () => {
    const request: https.RequestOptions = {};
    await config.applyToHTTPSOptions(request);
    return request;
  };
  const first = await credentials();
  let cached = { readAtMs: performance.now(), headers: headersOf(first) };
  return {
    server: cluster.server.replace(/\/+$/, ""),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
    agent: agentOf(cluster.server, first, cluster.proxyUrl !== undefined),
    async headers() {
      if (performance.now() - cached.readAtMs > CREDENTIALS_AGE_MS) {
        cached = { readAtMs: performance.now(), headers: headersOf(await credentials()) };
      }
      return cached.headers;
    },
  };
}

/** The SDK's agents open a connection for each request; ours keep a few, but proxies are left to the SDK. */
function agentOf(server: string, from: https.RequestOptions, proxied: boolean): http.Agent {
  if (proxied && from.agent instanceof http.Agent) return from.agent;
  if (server.startsWith("http:")) return new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = from;
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  return new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, ...given });
}

function headersOf(request: https.RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (typeof value === "string") headers[name] = value;
  }
  if (typeof request.auth === "string") headers.Authorization = `Basic ${Buffer.from(request.auth).toString("base64")}`;
  return headers;
}
