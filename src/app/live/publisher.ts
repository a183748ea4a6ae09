import type { LivePlan } from "../../ports/live.ts";

/** The present plan, and who wants to hear of the next. */
export class Publisher {
  #present: LivePlan | undefined;
  readonly #listeners = new Set<(plan: LivePlan) => void>();

  get present(): LivePlan | undefined {
    return this.#present;
  }

  publish(plan: LivePlan): void {
    this.#present = plan;
    for (const listener of this.#listeners) listener(plan);
  }

  watch(afterRevision: number, listener: (plan: LivePlan) => void): () => void {
    this.#listeners.add(listener);
    // Below as well: after a loss of memory revisions begin anew.
    if (this.#present !== undefined && this.#present.revision !== afterRevision) listener(this.#present);
    return () => this.#listeners.delete(listener);
  }
}
