import { status } from "@grpc/grpc-js";
import { CallError } from "./call-error.ts";

interface Waiting {
  admit: () => void;
  refuse: (error: Error) => void;
}

/** Lets at most `running` solves (and what-ifs) run, keeps at most `queued` more waiting in order, and refuses the rest. */
export class SolveGate {
  readonly #running: number;
  readonly #queued: number;
  readonly #waiting: Waiting[] = [];
  #active = 0;

  /** @param limits `running` ≥ 1, `queued` ≥ 0 */
  constructor(limits: { running: number; queued: number }) {
    this.#running = limits.running;
    this.#queued = limits.queued;
  }

  /**
   * Runs `work` when it is its turn.
   *
   * @throws CallError RESOURCE_EXHAUSTED where the queue is full, CANCELLED where `signal` fires while it waits
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#active < this.#running) {
      this.#active += 1;
      return;
    }
    if (this.#waiting.length >= this.#queued) {
      throw new CallError(
        status.RESOURCE_EXHAUSTED,
        `${this.#active} solves and what-ifs run and ${this.#waiting.length} wait, which is the limit; try again later, or start the service with a larger --max-solves or --max-queued`,
      );
    }
    await this.#wait(signal);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place: Waiting = { admit: resolve, refuse: reject };
    const giveUp = (): void => {
      const index = this.#waiting.indexOf(place);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      place.refuse(new CallError(status.CANCELLED, "given up while it waited for its turn"));
    };
    this.#waiting.push(place);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The place passes on, so nobody can slip in between.
    if (next) next.admit();
    else this.#active -= 1;
  }
}
