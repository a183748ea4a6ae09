import type { Readable, Writable } from "node:stream";
import type { Placement } from "../ports/placement.ts";
import type { Snapshot } from "../snapshot/types.ts";

/** A stream that may be a terminal. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

export interface ServeOptions {
  listen: string;
  tls?: { certFile: string; keyFile: string; clientCaFile?: string };
  access: AccessOptions;
  insecureListen: boolean;
  /** Where HTTP listens; `optional`: not at all where that is taken. Absent: not at all. */
  http?: { listen: string; optional: boolean };
  maxSolves: number;
  maxQueued: number;
  logLevel: string;
  /** Runs a fleet on this cluster. */
  kubernetes?: KubernetesOptions;
  /** Runs a fleet outside of a cluster, on what is reported of it. */
  reported?: ReportedOptions;
}

/** Who may call. */
export interface AccessOptions {
  /** Rights of clients with certificates. */
  clientRightsFile?: string;
  /** Tokens and RBAC of a cluster. */
  kubernetes?: { kubeconfig?: string; context?: string; audience?: string };
}

/** Of a running fleet, wherever it is read from. */
interface FleetOptions {
  /** What is planned: name of the PlacementPolicy, or of the memory outside of a cluster. */
  scope: string;
  /** Directory of what has to survive a restart beside what the cluster keeps; absent: nothing does. */
  state?: string;
  /** Directory of the worlds of past cycles. */
  record?: string;
  intervalMs: number;
}

export interface ReportedOptions extends FleetOptions {
  /** What there is to serve. */
  snapshot: Snapshot;
  /** Of a solve. */
  timeLimitMs: number;
}

export interface KubernetesOptions extends FleetOptions {
  /** Default: `KUBECONFIG`, `~/.kube/config`, the service account. */
  kubeconfig?: string;
  context?: string;
  /** Of lease and memory. */
  namespace?: string;
}

export interface RunningService {
  address: string;
  /** Of HTTP; absent where there is none. */
  httpAddress?: string;
  stop(): Promise<void>;
}

/** Everything the commands need of the outside; the composition root fills it in. */
export interface CliContext {
  stdin: Readable;
  stdout: Output;
  stderr: Output;
  version: string;
  /** Path of the example that ships with the project. */
  exampleFile: string;
  placement: Placement;
  /** The text of a file; `-` is standard input. Rejects with a message for people. */
  readFile(path: string): Promise<string>;
  toYaml(value: unknown): string;
  /** Rejects with a message for people where it cannot listen. */
  serve(options: ServeOptions): Promise<RunningService>;
  /** Resolves when the process is asked to end. */
  untilSignal(): Promise<void>;
  /** Calls `action` at the first interrupt; the returned function takes that back. */
  onInterrupt(action: () => void): () => void;
}
