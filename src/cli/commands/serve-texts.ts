import type { RunningService } from "../context.ts";

/** What `serve` says when it listens. */

export const DEFAULT_LISTEN = "127.0.0.1:50051";

/** Over a simulated cluster: `variant` and `workload` are of its plan. */
export function simulatedText(
  { address, httpAddress }: RunningService,
  { speed, mode, variant, workload, pool, source }: SimulatedTextParts,
): string {
  const server = address === DEFAULT_LISTEN ? "" : ` --server ${address}`;
  const waits = mode === "approve" ? [`  npx apportion approve REVISION --reason "looks right"${server}`] : [];
  return [
    "",
    `The cluster of ${source} is simulated, ${speed} s of it in a second; the service plans it in mode ${mode}.`,
    httpAddress === undefined
      ? `gRPC listens on ${address}. No HTTP: no dashboard.`
      : `Dashboard: http://${httpAddress}   (gRPC listens on ${address}; HTTP has /metrics, /healthz, /readyz, too)`,
    "",
    "Try in a second terminal:",
    "",
    `  npx apportion top${server}`,
    `  npx apportion why ${workload}${server}`,
    `  npx apportion whatif --nodes ${pool}=+1x8${server}`,
    `  npx apportion override set ceiling ${variant} --replicas 1 --for 10m --reason "try it"${server}`,
    `  npx apportion watch${server}`,
    ...waits,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

interface SimulatedTextParts {
  speed: number;
  mode: string;
  variant: string;
  workload: string;
  pool: string;
  /** The file. */
  source: string;
}

/** Over a cluster. */
export function fleetText(
  { address, httpAddress }: RunningService,
  flags: { scope: string; interval: number },
): string {
  return [
    "",
    `gRPC listens on ${address}; the fleet of PlacementPolicy ${flags.scope} is planned every ${flags.interval / 1000} s and on change.`,
    `${httpText(httpAddress)} Try next:`,
    "",
    `  npx apportion status --server ${address}`,
    "  kubectl get va -A",
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

/** Outside of a cluster. */
export function reportedText({ address, httpAddress }: RunningService, flags: { interval: number }): string {
  return [
    "",
    `gRPC listens on ${address}; the fleet is planned every ${flags.interval / 1000} s and on every report.`,
    `${httpText(httpAddress)} Try next:`,
    "",
    `  npx apportion status --server ${address}`,
    `  grpcurl -plaintext ${address} describe apportion.v1.InventoryService`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

function httpText(address: string | undefined): string {
  if (address === undefined) return "No HTTP.";
  return `HTTP listens on ${address} (/healthz, /readyz, /metrics).`;
}

/** Without a fleet. */
export function listeningText({ address, httpAddress }: RunningService, file: string | undefined): string {
  const problem = file ?? "PROBLEM.yaml";
  return [
    "",
    `gRPC listens on ${address} (apportion.v1.PlacementService, health, reflection).`,
    `${httpText(httpAddress)} Try next:`,
    "",
    `  npx apportion solve ${problem} --cures`,
    `  npx apportion solve ${problem} --format json > plan.json && npx apportion verify ${problem} plan.json`,
    `  grpcurl -plaintext ${address} describe apportion.v1.PlacementService`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}
