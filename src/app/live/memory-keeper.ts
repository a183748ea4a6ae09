import type { MemoryStore } from "../../ports/store.ts";
import { EMPTY_MEMORY, type Memory } from "../../snapshot/world/memory.ts";

/** The memory of the scope and its only way to the store: changes are made one after the other, each durable before the next. */
export class MemoryKeeper {
  readonly #store: MemoryStore;
  #memory: Memory = EMPTY_MEMORY;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  get memory(): Memory {
    return this.#memory;
  }

  /** Takes over what is stored. */
  async load(): Promise<void> {
    await this.#last;
    this.#memory = (await this.#store.load()) ?? EMPTY_MEMORY;
  }

  /**
   * Replaces the memory by a function of what it is at that moment.
   *
   * @throws StoreConflictError where another process wrote: what is stored has to be loaded anew before anything else
   */
  update(change: (memory: Memory) => Memory): Promise<Memory> {
    const result = this.#last.then(async () => {
      const next = change(this.#memory);
      await this.#store.save(next, this.#memory.revision);
      this.#memory = next;
      return next;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
