/** Answers of an expensive question, for a short time, of at most so many keys: the oldest goes first. */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { value: Promise<Value>; untilMs: number }>();
  readonly #nowMs: () => number;
  readonly #maxEntries: number;

  /** @param nowMs a clock that never goes back */
  constructor(maxEntries: number, nowMs: () => number) {
    this.#maxEntries = maxEntries;
    this.#nowMs = nowMs;
  }

  /** The answer that is kept. */
  peek(key: string): Promise<Value> | undefined {
    const known = this.#entries.get(key);
    return known !== undefined && known.untilMs > this.#nowMs() ? known.value : undefined;
  }

  put(key: string, value: Value, keepMs: number): void {
    this.#put(key, { value: Promise.resolve(value), untilMs: this.#nowMs() + keepMs });
  }

  /** The answer that is kept, or a new one; who asks meanwhile waits for the same. What rejects is not kept. */
  async get(key: string, ask: () => Promise<{ value: Value; keepMs: number }>): Promise<Value> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    const asked = ask();
    const entry = { value: asked.then((answer) => answer.value), untilMs: Number.POSITIVE_INFINITY };
    this.#put(key, entry);
    try {
      entry.untilMs = this.#nowMs() + (await asked).keepMs;
    } catch {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    }
    return entry.value;
  }

  #put(key: string, entry: { value: Promise<Value>; untilMs: number }): void {
    this.#entries.delete(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, entry);
  }
}
