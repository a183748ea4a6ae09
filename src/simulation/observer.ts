import type { RejectReason, SimulatedRequest } from "./request.ts";

/** What an observer may read of a request in service. */
export interface ObservedSequence {
  readonly request: SimulatedRequest;
  /** NaN before the first token. */
  readonly firstTokenMs: number;
  readonly preemptions: number;
}

/** One iteration, at its start. */
export interface ObservedIteration {
  startMs: number;
  /** When its tokens are out; later than start and duration where stages of a pipeline are busy. */
  endMs: number;
  durationMs: number;
  promptTokens: number;
  decodedSequences: number;
  contextTokens: number;
}

/** What happens in a replica, in the order of time. */
export interface ReplicaObserver {
  firstToken?(sequence: ObservedSequence, atMs: number): void;
  /** So many sequences made a token this long after their one before. */
  tokenGaps?(gapMs: number, count: number, atMs: number): void;
  finished?(sequence: ObservedSequence, atMs: number): void;
  rejected?(request: SimulatedRequest, atMs: number, reason: RejectReason): void;
  preempted?(sequence: ObservedSequence, atMs: number): void;
  iteration?(iteration: ObservedIteration): void;
}
