import { FinishHeap } from "./finish-heap.ts";
import type { ReplicaObserver } from "./observer.ts";
import { type Sequence, tokensToCompute } from "./sequence.ts";

/**
 * The sequences that share iterations: all of a replica, or one micro-batch of a pipeline. Sequences that decode advance together by
 * one token a step, so a step costs what enters, leaves or is preempted, and nothing for the others.
 */
export class Lane {
  /** Decode steps begun. */
  step = 0;
  /** Sequences that decode, and the KV tokens that they hold. */
  decoding = 0;
  contextTokens = 0;
  /** Sequences with a place in the batch. */
  running = 0;
  /** A prompt that was cut. */
  partial: Sequence | undefined;
  /** The iteration on its way; no other starts before its end. */
  inFlight = false;
  endMs = 0;
  decodedInFlight = 0;
  /** Sequences whose prompt is complete with the iteration on its way. */
  readonly completing: Sequence[] = [];
  /** When the sequences that decode made their last token, but for those that entered since: their times and numbers. */
  private lastStepMs = 0;
  private readonly enteredMs: number[] = [];
  private readonly enteredCounts: number[] = [];
  private readonly finishes = new FinishHeap();
  /** In the order of admission; those that left stay until they come on top, or are too many. */
  private admitted: Sequence[] = [];

  /** The step at which the next sequence makes its last token, or before it. */
  get nextFinishStep(): number {
    return this.finishes.firstStep;
  }

  admit(sequence: Sequence, kvTokens: number): void {
    if (this.admitted.length > 2 * this.running + 64) this.admitted = this.admitted.filter((other) => other.running);
    sequence.running = true;
    sequence.kvTokens = kvTokens;
    this.running++;
    this.admitted.push(sequence);
  }

  /** `kvTokens` and `generatedTokens` of the sequence are up to date. */
  enterDecoding(sequence: Sequence): void {
    sequence.enteredAtStep = this.step;
    this.finishes.add(this.step + sequence.request.outputTokens - sequence.generatedTokens, sequence);
    this.contextTokens += sequence.kvTokens;
    const { lastTokenMs } = sequence;
    if (this.decoding === 0) {
      this.lastStepMs = lastTokenMs;
      this.enteredMs.length = 0;
      this.enteredCounts.length = 0;
    }
    this.decoding++;
    if (lastTokenMs === this.lastStepMs) return;
    if (this.enteredMs.at(-1) === lastTokenMs) this.enteredCounts[this.enteredCounts.length - 1]! += 1;
    else {
      this.enteredMs.push(lastTokenMs);
      this.enteredCounts.push(1);
    }
  }

  /** One more token for each sequence that decodes. The KV cache has room for them. */
  beginStep(): void {
    this.contextTokens += this.decoding;
    this.step++;
    this.decodedInFlight = this.decoding;
  }

  /** Reports the tokens of the step on its way, and takes out the sequences that made their last one. */
  endStep(atMs: number, observer: ReplicaObserver, finish: (sequence: Sequence) => void): void {
    let together = this.decodedInFlight;
    for (let i = 0; i < this.enteredMs.length; i++) {
      const count = this.enteredCounts[i]!;
      together -= count;
      if (count > 0) observer.tokenGaps?.(atMs - this.enteredMs[i]!, count, atMs);
    }
    this.enteredMs.length = 0;
    this.enteredCounts.length = 0;
    if (together > 0) observer.tokenGaps?.(atMs - this.lastStepMs, together, atMs);
    this.lastStepMs = atMs;
    this.decodedInFlight = 0;
    while (this.finishes.firstStep <= this.step) {
      const { sequence, preemptions } = this.finishes.take();
      if (sequence.preemptions > preemptions) continue;
      this.leaveDecoding(sequence);
      this.release(sequence);
      finish(sequence);
    }
  }

  /** Takes the sequence that was admitted last out of the batch, to be computed again. Its `kvTokens` are what it held. */
  preemptYoungest(): Sequence {
    let sequence = this.admitted.pop()!;
    while (!sequence.running) sequence = this.admitted.pop()!;
    if (sequence === this.partial) this.partial = undefined;
    else {
      if (sequence.enteredAtStep < this.step) sequence.lastTokenMs = this.lastStepMs;
      else this.forgetEntered(sequence.lastTokenMs);
      this.leaveDecoding(sequence);
    }
    this.release(sequence);
    sequence.promptTokensLeft = tokensToCompute(sequence.request, sequence.generatedTokens);
    sequence.preemptions++;
    return sequence;
  }

  release(sequence: Sequence): void {
    sequence.running = false;
    this.running--;
  }

  private forgetEntered(atMs: number): void {
    const index = this.enteredMs.findIndex((enteredMs, i) => enteredMs === atMs && this.enteredCounts[i]! > 0);
    if (index >= 0) this.enteredCounts[index]! -= 1;
  }

  private leaveDecoding(sequence: Sequence): void {
    const steps = this.step - sequence.enteredAtStep;
    sequence.kvTokens += steps;
    sequence.generatedTokens += steps;
    this.contextTokens -= sequence.kvTokens;
    this.decoding--;
  }
}
