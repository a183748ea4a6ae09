/** Mean values of one replica over an interval, as its metrics tell them. */
export interface IterationSample {
  /** End of the interval, epoch ms. */
  atMs: number;
  /** Mean sequences in service, idle time included. */
  batch: number;
  /** Prompt tokens computed in an iteration (those from the prefix cache not counted); or in a second, from which it follows. */
  promptTokensPerIteration?: number;
  promptTokensPerSecond?: number;
  /** Mean tokens in the KV cache of the sequences in service, all together, idle time included. */
  contextTokens: number;
  /** Mean time between output tokens, ms. */
  itlMs: number;
  /** Mean time to the first token, ms; says something about prompts where requests hardly wait. */
  ttftMs?: number;
  /** Mean prompt tokens computed for a request, and mean requests waiting: both needed to read `ttftMs`. */
  promptTokensPerRequest?: number;
  waiting?: number;
  /** Requests that finished in the interval: a mean of few is worth less. */
  requests: number;
  /** Age of the replica since it became ready, ms: a cold one is slow. */
  sinceReadyMs: number;
}

/** The four numbers of an iteration, in this order: base, per sequence, per prompt token, per token of context (ms). */
export type IterationTimes = [
  baseMs: number,
  perSequenceMs: number,
  perPromptTokenMs: number,
  perContextTokenMs: number,
];

/** What somebody says about a replica, and how sure: standard deviations. Samples change it where they say something. */
export interface StatedTimes {
  times: IterationTimes;
  deviations: IterationTimes;
}

/** Why the numbers are what they are. */
export type VersionReason =
  | { kind: "stated" }
  | { kind: "restated" }
  | { kind: "learned" }
  | { kind: "drift"; change: number };

export interface LearningVersion {
  number: number;
  sinceMs: number;
  reason: VersionReason;
}

/** A run of deviations to one side (CUSUM): its evidence, its samples, and the sum of their relative deviations. */
export interface DriftRun {
  evidence: number;
  samples: number;
  change: number;
}

/**
 * What was learned about the iteration time of a variant: plain JSON, under 1 KB. `information` (lower triangle by rows) and `weighted` are
 * J and r of a normal distribution of (times − stated) / deviations with covariance J⁻¹ and mean J⁻¹ r.
 */
export interface LearningState {
  version: 1;
  stated: StatedTimes;
  information: number[];
  weighted: number[];
  /** Relative standard deviations of a well-founded sample: of its ITL and of its TTFT about what is expected. */
  noise: { itl: number; ttft: number };
  /** Samples that counted, all told and since the last change of the version. */
  samples: number;
  samplesSince: number;
  up: DriftRun;
  down: DriftRun;
  lastAtMs: number;
  current: LearningVersion;
  frozen?: { atMs: number; reason: string };
}

export interface LearningOptions {
  /** Sequences in service at once, at most. Absent: no limit. */
  maxBatchSize?: number;
  /** Tokens that one iteration may compute; a longer prompt takes several. Absent: no limit. */
  maxBatchedTokens?: number;
  /** Samples of replicas younger than this do not count, and those up to twice as old only in part. */
  coldMs?: number;
}
