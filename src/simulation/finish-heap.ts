import type { Sequence } from "./sequence.ts";

export interface Finish {
  /** Step of the lane at which the sequence makes its last token. */
  step: number;
  sequence: Sequence;
  /** Preemptions of the sequence so far: with more of them the entry is out of date. */
  preemptions: number;
  /** Equal steps finish in the order they were added. */
  order: number;
}

/** Binary heap, the lowest step first. */
export class FinishHeap {
  private readonly entries: Finish[] = [];
  private added = 0;

  /** Step of the first entry; infinite where there is none. */
  get firstStep(): number {
    return this.entries[0]?.step ?? Number.POSITIVE_INFINITY;
  }

  add(step: number, sequence: Sequence): void {
    const { entries } = this;
    const entry = { step, sequence, preemptions: sequence.preemptions, order: this.added++ };
    let hole = entries.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (entries[parent]!.step <= step) break;
      entries[hole] = entries[parent]!;
      hole = parent;
    }
    entries[hole] = entry;
  }

  /** Takes the first entry out. Call it only while `firstStep` is finite. */
  take(): Finish {
    const { entries } = this;
    const first = entries[0]!;
    const last = entries.pop()!;
    const size = entries.length;
    if (size === 0) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, last)) break;
      entries[hole] = entries[child]!;
      hole = child;
    }
    entries[hole] = last;
    return first;
  }
}

function isBefore(a: Finish, b: Finish): boolean {
  return a.step < b.step || (a.step === b.step && a.order < b.order);
}
