import { setTimeout as sleep } from "node:timers/promises";

/** Token bucket by the monotonic clock: `burst` at once, then `perSecond`. Turns are given in the order asked. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs = performance.now();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Resolves when it is the caller's turn. */
  async take(): Promise<void> {
    const nowMs = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond);
    this.#filledAtMs = nowMs;
    this.#tokens -= 1;
    if (this.#tokens < 0) await sleep((-this.#tokens / this.#perSecond) * 1000);
  }
}
