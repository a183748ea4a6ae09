import type { Plan } from "./plan/types.ts";

/** Names a caller may ask for; `auto` picks. */
export type EngineName = "auto" | "price" | "highs" | "jslp" | "heuristic";

/** Where a running solve stands. `incumbent`, `bound`: of the stage that runs; `gap` relative, 0 where proved. */
export interface Progress {
  stage: string;
  incumbent: number;
  bound: number;
  gap: number;
  elapsedMs: number;
}

export interface SolveOptions {
  engine?: EngineName;
  /** Wall time. The best plan so far, with its true gap, is the answer when it is over. Default 10,000. */
  timeLimitMs?: number;
  /** Relative gap at which a stage counts as proved. Default 1e-6. */
  gap?: number;
  /** Threads that prices may use; the plan does not depend on it. Default 1 in the caller's thread, else the cores, up to 4. */
  threads?: number;
  /** Same effect as the time limit being over. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** For each workload below what its bounds allow, search the smallest single-pool addition that lifts it (each try is a full solve). */
  cures?: boolean;
  /**
   * The plan of an earlier round of a problem that was nearly this one (matched by names): prices and counts start from it, and it is
   * changed no more than is worth it.
   */
  previous?: Plan;
  /** Bytes that a solve may take by `estimateMemoryBytes`; a problem that would take more is refused before work begins. Default 4 GiB. */
  memoryLimitBytes?: number;
  /** Monotonic clock, in ms. Injected so that a run can be repeated; such a solve stays in the caller's thread. */
  nowMs?: () => number;
}

/** One violated statement of a plan. */
export interface VerifyFinding {
  /** Row or field, such as `pool/h100/size/8`, `workloads[a].attainment`, `class/0/F(0.5)`. */
  subject: string;
  message: string;
  expected: number | string;
  actual: number | string;
}

export interface VerifyReport {
  ok: boolean;
  findings: VerifyFinding[];
  /** Bounds recomputed from prices or trivially, and bounds that only a search has shown. */
  bounds: { stage: string; method: "dual" | "search" | "trivial"; checked: boolean }[];
}

/** A plan that the checker refused: an internal error, never an answer. */
export class UnverifiedPlanError extends Error {
  readonly plan: Plan;
  readonly report: VerifyReport;
  constructor(plan: Plan, report: VerifyReport) {
    const first = report.findings[0];
    super(
      `internal error: the plan fails its own check (${report.findings.length} findings; first: ${first?.subject}: ${first?.message}); report this with the problem file`,
    );
    this.name = "UnverifiedPlanError";
    this.plan = plan;
    this.report = report;
  }
}

/** Bytes as people read them. */
function inMib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString("en")} MiB`;
}

/** A problem that would take, or in spite of its estimate took, more memory than allowed. */
export class ProblemTooLargeError extends Error {
  readonly estimateBytes: number;
  readonly limitBytes: number;
  /** @param ranOut the thread that solved it ran out of memory */
  constructor(estimateBytes: number, limitBytes: number, ranOut = false) {
    const what = ranOut
      ? `the solve ran out of memory (estimated ${inMib(estimateBytes)}, allowed ${inMib(limitBytes)})`
      : `the problem would take about ${inMib(estimateBytes)} of memory, allowed are ${inMib(limitBytes)}`;
    super(`${what}; solve parts that share no pool, quota or class apart, or raise memoryLimitBytes`);
    this.name = "ProblemTooLargeError";
    this.estimateBytes = estimateBytes;
    this.limitBytes = limitBytes;
  }
}
