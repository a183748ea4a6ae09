import type { SignalPod } from "../../../ports/signals.ts";
import type { PodsSourceConfig } from "../config/schema.ts";

/** Where the metrics of a pod are, or why it is not asked. */
export type PodAddress = { url: string } | { skipped: string };

/**
 * By the annotations that Prometheus' own examples use, else by the configuration. Only the pod's own address is ever asked: the
 * host comes from the cluster, an annotation chooses port and path.
 */
export function podAddress({ ip, annotations = {} }: SignalPod, config: PodsSourceConfig): PodAddress {
  if (annotations["prometheus.io/scrape"] === "false")
    return { skipped: "its annotation prometheus.io/scrape is false" };
  if (ip === undefined || ip === "") return { skipped: "it has no address yet" };
  const host = ip.includes(":") ? `[${ip}]` : ip;
  if (!/^(\d{1,3}([.]\d{1,3}){3}|\[[0-9a-fA-F:.]+\])$/.test(host)) return { skipped: "its address is no IP address" };
  const port = Number(annotations["prometheus.io/port"] ?? config.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return { skipped: "no port: annotate prometheus.io/port, or configure one" };
  }
  const scheme = annotations["prometheus.io/scheme"] ?? config.scheme;
  if (scheme !== "http" && scheme !== "https")
    return { skipped: "its annotation prometheus.io/scheme is neither http nor https" };
  const path = annotations["prometheus.io/path"] ?? config.path;
  if (!path.startsWith("/")) return { skipped: "its annotation prometheus.io/path does not begin with /" };
  return { url: new URL(path.replace(/^\/+/, "/"), `${scheme}://${host}:${port}`).href };
}
