import type { Timers } from "../../ports/timers.ts";

export interface SchedulerOptions {
  /** From the end of one run to the next where nothing wakes it. */
  intervalMs: number;
  /** Changes that come within this of each other are one run. */
  quietMs: number;
}

/** Runs one thing at a time: every so often, and soon after it is woken. Waking it while it runs is one run more, after it. */
export class Scheduler {
  readonly #run: () => Promise<void>;
  readonly #timers: Timers;
  readonly #options: SchedulerOptions;
  #cancelTimer: () => void = () => undefined;
  #running: Promise<void> | undefined;
  #woken = false;
  #stopped = true;

  /** @param run must not reject */
  constructor(run: () => Promise<void>, timers: Timers, options: SchedulerOptions) {
    this.#run = run;
    this.#timers = timers;
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#begin();
  }

  wake(): void {
    if (this.#stopped || this.#woken) return;
    this.#woken = true;
    if (this.#running === undefined) this.#wait(this.#options.quietMs);
  }

  /** Resolves when the run that is under way has ended; there is none after it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#running;
  }

  #begin(): void {
    this.#woken = false;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#stopped) this.#wait(this.#woken ? this.#options.quietMs : this.#options.intervalMs);
    });
  }

  #wait(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#timers.after(ms, () => this.#begin());
  }
}
