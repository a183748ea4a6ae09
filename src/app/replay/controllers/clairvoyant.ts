import { UnverifiedPlanError } from "@apportion/solver";
import type { SimulatedCluster } from "../../../simulation/cluster/cluster.ts";
import { type Course, ratesBetween } from "../course.ts";
import { type Placer, presentInventory } from "../placer.ts";
import type { Controller } from "../types.ts";

const MINUTE_MS = 60_000;

/**
 * Not a controller but what there is to win: for each minute the cheapest counts that the true rate of that minute needs, by the
 * same sizing and solver, with replicas that are ready at once and move freely.
 */
export class Clairvoyant implements Controller {
  readonly stepMs = MINUTE_MS;
  readonly looksAhead = true;
  failedSolves = 0;
  readonly #course: Course;
  readonly #placer: Placer;

  constructor(course: Course, placer: Placer) {
    this.#course = course;
    this.#placer = placer;
  }

  async step(cluster: SimulatedCluster): Promise<void> {
    const fromMs = cluster.nowMs;
    const toMs = Math.min(fromMs + MINUTE_MS, this.#course.durationMs);
    if (fromMs >= toMs) return;
    const rates = ratesBetween(this.#course, fromMs, toMs);
    const counts = await this.#placer.counts(rates, presentInventory(cluster)).catch((error: unknown) => {
      if (!(error instanceof UnverifiedPlanError)) throw error;
      this.failedSolves++;
      return new Map<string, number>();
    });
    // What shrinks goes first: it makes room.
    const changes = [...counts].sort(([a, x], [b, y]) => x - cluster.askedOf(a) - (y - cluster.askedOf(b)));
    for (const [variant, replicas] of changes) cluster.scale(variant, replicas);
  }
}
