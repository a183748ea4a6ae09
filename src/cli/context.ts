import type { Readable, Writable } from "node:stream";
import type { PlacementProblem, Plan } from "@apportion/solver";
import type { ReplayJob, ReplayOutcome } from "../app/replay/types.ts";
import type { Placement } from "../ports/placement.ts";
import type { Simulation } from "../snapshot/simulation/types.ts";
import type { Snapshot } from "../snapshot/types.ts";
import type { World } from "../snapshot/world/types.ts";

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
  /** Runs a fleet on a cluster that is simulated. */
  simulated?: SimulatedOptions;
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

export interface SimulatedOptions extends FleetOptions {
  simulation: Simulation;
  /** The trace that its traffic follows; absent: the one that ships with the project. */
  traceFile?: string;
  /** Simulated seconds in a second; intervals are of simulated time. */
  speed: number;
  mode: World["policy"]["mode"];
  /** Of a solve, real time. */
  timeLimitMs: number;
}

export interface KubernetesOptions extends FleetOptions {
  /** Default: `KUBECONFIG`, `~/.kube/config`, the service account. */
  kubeconfig?: string;
  context?: string;
  /** Of lease and memory. */
  namespace?: string;
  /** A SignalConfig: where to read what the servers say about themselves; absent: nobody does. */
  signalsFile?: string;
}

export interface RunningService {
  address: string;
  /** Of HTTP; absent where there is none. */
  httpAddress?: string;
  /** Of a fleet: resolves when it is planned for the first time. */
  firstPlan?: Promise<{ problem: PlacementProblem; plan: Plan }>;
  stop(): Promise<void>;
}

export interface ReplayOptions {
  jobs: readonly Omit<ReplayJob, "trace">[];
  /** The trace that traffic follows; absent: the one that ships with the project. */
  traceFile?: string;
  /** After each job. */
  onDone: () => void;
}

/** Everything the commands need of the outside; the composition root fills it in. */
export interface CliContext {
  stdin: Readable;
  stdout: Output;
  stderr: Output;
  version: string;
  /** Path of the example that ships with the project. */
  exampleFile: string;
  /** Path of the simulation that ships with the project. */
  simulationFile: string;
  placement: Placement;
  /** The text of a file; `-` is standard input. Rejects with a message for people. */
  readFile(path: string): Promise<string>;
  toYaml(value: unknown): string;
  /** Rejects with a message for people where it cannot listen. */
  serve(options: ServeOptions): Promise<RunningService>;
  /** Runs controllers on simulated fleets. Rejects with a message for people where the trace cannot be read. */
  replay(options: ReplayOptions): Promise<ReplayOutcome[]>;
  /** Rejects with a message for people. */
  writeFile(path: string, text: string): Promise<void>;
  /** Resolves when the process is asked to end. */
  untilSignal(): Promise<void>;
  /** Calls `action` at the first interrupt; the returned function takes that back. */
  onInterrupt(action: () => void): () => void;
}
