import type { Readable, Writable } from "node:stream";
import type { Placement } from "../ports/placement.ts";

/** A stream that may be a terminal. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

export interface ServeOptions {
  listen: string;
  tls?: { certFile: string; keyFile: string };
  insecureListen: boolean;
  maxSolves: number;
  maxQueued: number;
  logLevel: string;
}

export interface RunningService {
  address: string;
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
