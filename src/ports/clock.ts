/** Wall-clock time, epoch milliseconds. */
export interface Clock {
  nowMs(): number;
}
