/** Time that passes, for what has to wait. */
export interface Timers {
  /** Calls `work` once after `ms`; the returned function takes that back. */
  after(ms: number, work: () => void): () => void;
}
