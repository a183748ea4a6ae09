/** Wall-clock time, epoch milliseconds. */
export interface Clock {
  nowMs(): number;
}

/** Time that only passes, from anywhere: what nobody can set. */
export interface MonotonicClock {
  monotonicMs(): number;
}
