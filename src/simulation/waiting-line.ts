import type { Sequence } from "./sequence.ts";

/** Sequences that wait: in the order of arrival, the preempted ones before all others. */
export class WaitingLine {
  /** The last one is first. */
  private readonly preempted: Sequence[] = [];
  private arrived: Sequence[] = [];
  private head = 0;

  get length(): number {
    return this.preempted.length + this.arrived.length - this.head;
  }

  first(): Sequence | undefined {
    return this.preempted.at(-1) ?? this.arrived[this.head];
  }

  add(sequence: Sequence): void {
    this.arrived.push(sequence);
  }

  addFirst(sequence: Sequence): void {
    this.preempted.push(sequence);
  }

  removeFirst(): void {
    if (this.preempted.pop() !== undefined) return;
    this.head++;
    if (this.head > 1024 && this.head * 2 > this.arrived.length) {
      this.arrived = this.arrived.slice(this.head);
      this.head = 0;
    }
  }
}
