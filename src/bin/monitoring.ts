import { readFileSync } from "node:fs";
import { formatListenAddress, parseListenAddress } from "../adapters/grpc/listen-address.ts";
import type { Asset } from "../adapters/http/assets.ts";
import { type HttpServer, type HttpServerOptions, plainText, startHttpServer } from "../adapters/http/server.ts";
import { PrometheusTelemetry } from "../adapters/metrics/prometheus.ts";
import type { Readiness } from "../app/live/readiness.ts";
import type { ServeOptions } from "../cli/context.ts";
import type { JsonCalls } from "../ports/json-calls.ts";
import type { Log } from "../ports/log.ts";
import { type ServiceView, serviceMetrics } from "../status/metrics.ts";

/** Telemetry of a service of which `view` tells the present state, everything but its version; the time is that of this machine unless it tells another. */
export function telemetryOf(
  view: () => Omit<ServiceView, "version" | "nowMs"> & { nowMs?: number },
): PrometheusTelemetry {
  const version = packageVersion();
  return new PrometheusTelemetry(() => serviceMetrics({ nowMs: Date.now(), ...view(), version }));
}

export function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

export interface Monitoring {
  /** Absent where HTTP is off, or its default address taken. */
  address?: string;
  /** From now on the service is not ready. */
  drain(): void;
  stop(): Promise<void>;
}

export interface Parts {
  ready: () => Readiness;
  /** The calls of the service, and the dashboard that makes them. */
  calls?: { calls: JsonCalls; anyPeer: boolean };
  assets?: ReadonlyMap<string, Asset>;
}

/** Health, readiness, metrics and the dashboard over HTTP. @throws Error where it cannot listen where it was told to */
export async function startMonitoring(
  http: ServeOptions["http"],
  telemetry: PrometheusTelemetry,
  { ready, calls, assets }: Parts,
  log: Log,
): Promise<Monitoring> {
  let draining = false;
  const pages = new Map([
    ["/healthz", async () => plainText(200, "ok")],
    [
      "/readyz",
      async () => {
        const { ready: is, why } = draining ? { ready: false, why: "it stops" } : ready();
        return plainText(is ? 200 : 503, `${is ? "ready" : "not ready"}: ${why}`);
      },
    ],
    ["/metrics", async () => ({ status: 200, contentType: telemetry.contentType, body: await telemetry.text() })],
  ]);
  const server = http && (await listen(http, { pages, log, ...(calls && { calls }), ...(assets && { assets }) }));
  return {
    ...(server && { address: formatListenAddress(server) }),
    drain: () => {
      draining = true;
    },
    stop: async () => server?.stop(),
  };
}

async function listen(
  { listen: address, optional }: NonNullable<ServeOptions["http"]>,
  served: Omit<HttpServerOptions, "host" | "port">,
): Promise<HttpServer | undefined> {
  const { log } = served;
  const wanted = parseListenAddress(address, "--http");
  try {
    const server = await startHttpServer({ ...wanted, ...served });
    log.info({ address: formatListenAddress(server) }, "HTTP listening");
    return server;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!optional || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") {
      throw new Error(`--http ${address}: ${why}; stop what listens there, give another address, or off`);
    }
    log.warn({ address }, "somebody else listens there: no health, readiness and metrics over HTTP; give --http");
    return undefined;
  }
}
