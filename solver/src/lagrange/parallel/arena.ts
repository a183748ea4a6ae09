/** Bytes below which an array is not worth a buffer that threads share. */
const LEAST_BYTES = 1 << 12;

type Numbers = Float64Array | Int32Array | Uint8Array;

function isNumbers(value: unknown): value is Numbers {
  return value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array;
}

/**
 * Memory of the stages of one solve. Threads see a shared buffer as long as any of them remembers it, so buffers are used again
 * instead of left to the collectors. What comes back may hold old numbers.
 */
export class Arena {
  private readonly shared: boolean;
  private readonly free: (ArrayBuffer | SharedArrayBuffer)[] = [];

  /** `shared`: threads look at it. */
  constructor(shared: boolean) {
    this.shared = shared;
  }

  floats(length: number): Float64Array {
    return new Float64Array(this.buffer(length * 8), 0, length);
  }

  ints(length: number): Int32Array {
    return new Int32Array(this.buffer(length * 4), 0, length);
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(this.buffer(length), 0, length);
  }

  /** The same record with its arrays of numbers in this memory. */
  copy<T extends object>(record: T): T {
    const copied = Object.entries(record).map(([key, value]) => [key, isNumbers(value) ? this.copyOf(value) : value]);
    return Object.fromEntries(copied) as T;
  }

  private copyOf(array: Numbers): Numbers {
    const { length } = array;
    if (array instanceof Uint8Array) {
      const copy = this.bytes(length);
      copy.set(array);
      return copy;
    }
    const copy = array instanceof Int32Array ? this.ints(length) : this.floats(length);
    copy.set(array);
    return copy;
  }

  /** Takes back the arrays of a record that nobody looks at any more. */
  release(record: object): void {
    for (const value of Object.values(record))
      if (isNumbers(value) && value.byteLength >= LEAST_BYTES) this.free.push(value.buffer);
  }

  private buffer(bytes: number): ArrayBuffer | SharedArrayBuffer {
    let best = -1;
    for (const [i, { byteLength }] of this.free.entries())
      if (byteLength >= bytes && byteLength <= 2 * bytes && (best < 0 || byteLength < this.free[best]!.byteLength))
        best = i;
    if (best >= 0) return this.free.splice(best, 1)[0]!;
    return this.shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }
}
