import type https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";

/** Which kubeconfig; the default is `KUBECONFIG`, then `~/.kube/config`, then the service account of the pod. */
export interface ConnectionOptions {
  kubeconfigFile?: string | undefined;
  context?: string | undefined;
}

/** What reaches one API server, as plain data. */
export interface ConnectionSettings {
  /** Without a slash at the end. */
  server: string;
  namespace: string;
  /** Of `https.AgentOptions`: authorities, certificate and key of the client. */
  tls: https.AgentOptions;
  /** Headers that authenticate. */
  headers: Record<string, string>;
  /** A file that has the token, read anew as it rotates; absent: the headers stay as they are. */
  tokenFile?: string;
}

export interface SdkConfig {
  settings: ConnectionSettings;
  /** Settings are not all: credentials come from a program or a provider, or a proxy stands in between. */
  needsSdk: boolean;
  proxied: boolean;
  /** Credentials of now. */
  credentials(): Promise<https.RequestOptions>;
}

/**
 * Reads kubeconfig or service account. Loads the SDK, which costs 90 MB and most of a second of CPU.
 *
 * @throws Error where there is no usable configuration
 */
export async function loadConfig(options: ConnectionOptions): Promise<SdkConfig> {
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
  const tokenFile = tokenFileOf(config);
  const user = config.getCurrentUser();
  const proxied = cluster.proxyUrl !== undefined;
  return {
    settings: {
      server: cluster.server.replace(/\/+$/, ""),
      namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
      tls: tlsOf(first),
      headers: headersOf(first),
      ...(tokenFile === undefined ? {} : { tokenFile }),
    },
    needsSdk: proxied || user?.exec !== undefined || (user?.authProvider !== undefined && tokenFile === undefined),
    proxied,
    credentials,
  };
}

function tokenFileOf(config: KubeConfig): string | undefined {
  const provider = config.getCurrentUser()?.authProvider as { config?: { tokenFile?: string } } | undefined;
  return provider?.config?.tokenFile;
}

function tlsOf({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: https.RequestOptions) {
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

export function headersOf(request: https.RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (typeof value === "string") headers[name] = value;
  }
  if (typeof request.auth === "string") headers.Authorization = `Basic ${Buffer.from(request.auth).toString("base64")}`;
  return headers;
}
