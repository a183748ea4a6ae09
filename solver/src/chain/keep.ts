/** What a stage reached and later stages must keep. */
export interface KeptRung {
  cls: number;
  /** Level t of F(t) ≤ reached. */
  rung: number;
  reached: number;
  /** True where later stages may leave a little more below it: what is proved of its class is then stated anew. */
  hasRoom?: boolean;
}

/** Floors that do not fit: of those asked (replicas by variant, attainment by workload) each class misses at most so much. */
export interface KeptFloors {
  asked: Float64Array;
  missing: { cls: number; reached: number }[];
}

/** Constraints on a plan beside rows and bounds: what floors and earlier stages settled. */
export interface Keep {
  /** By variant: the minimum that is asked for; 0 where the minima do not fit together. */
  minReplicas: Float64Array;
  /** Minima that do not fit together: missing replicas by class. */
  brokenMinima?: KeptFloors;
  /** Guarantees that do not fit together: missing attainment by class. */
  brokenGuarantees?: KeptFloors;
  rungs: KeptRung[];
  /** Σ w·a·d ≥ value. */
  totals: { cls: number; value: number }[];
  /** Σ w·ln a over a > 0 ≥ value, with at most `zeroWeight` at a = 0. */
  logs: { cls: number; zeroWeight: number; value: number }[];
  /** Σ w·a of the workloads that idle guarantees are lent to first ≥ value. */
  cohortFirst?: { members: number[]; value: number };
  /** Cost per hour with start cost ≤ value. */
  cost?: number;
}
