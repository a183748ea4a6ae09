import type { Clock } from "../../ports/clock.ts";
import type { SimulatedCluster } from "../../simulation/cluster/cluster.ts";

/** Real time between two steps of the simulation. */
const STEP_MS = 100;

/** Moves a simulated cluster along with real time, `speed` times as fast, and tells its time. */
export class PacedCluster implements Clock {
  readonly #cluster: SimulatedCluster;
  readonly #epochMs: number;
  readonly #speed: number;
  readonly #monotonicMs: () => number;
  #startedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param epochMs wall-clock time of the beginning @param monotonicMs real time that only passes */
  constructor(cluster: SimulatedCluster, epochMs: number, speed: number, monotonicMs: () => number) {
    this.#cluster = cluster;
    this.#epochMs = epochMs;
    this.#speed = speed;
    this.#monotonicMs = monotonicMs;
  }

  /** @param onStep called after every step */
  start(onStep: () => void): void {
    this.#startedAtMs = this.#monotonicMs() - this.#cluster.nowMs / this.#speed;
    this.#timer = setInterval(() => {
      this.#cluster.advanceTo(Math.max(this.#cluster.nowMs, (this.#monotonicMs() - this.#startedAtMs) * this.#speed));
      onStep();
    }, STEP_MS);
  }

  nowMs(): number {
    return Math.round(this.#epochMs + this.#cluster.nowMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
