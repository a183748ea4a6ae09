import { GapRecord } from "./gap-record.ts";
import type { ObservedSequence, ReplicaObserver } from "./observer.ts";
import type { RejectReason, SimulatedRequest } from "./request.ts";

export interface RunCounts {
  /** Measured requests that finished, and their output tokens. */
  finished: number;
  outputTokens: number;
  /** Measured requests that were turned away. */
  queueFull: number;
  tooLarge: number;
  /** Of all requests, while it was measured. */
  preemptions: number;
}

/** Columns of the measured requests, whose ids are `firstId` and up. NaN: has no such value; Infinity: turned away. */
export class RunRecord implements ReplicaObserver {
  readonly ttftMs: Float64Array;
  readonly tpotMs: Float64Array;
  readonly endToEndMs: Float64Array;
  /** Of all requests, while it was measured. */
  readonly gaps = new GapRecord();
  readonly counts: RunCounts = { finished: 0, outputTokens: 0, queueFull: 0, tooLarge: 0, preemptions: 0 };
  /** Measured requests that have neither finished nor been turned away. */
  open: number;
  /** Whether gaps and preemptions count. */
  measuring = false;
  private readonly firstId: number;
  private readonly delayMs: (inputTokens: number) => number;

  /** @param delayMs what a first token waits for before it is out: the transfer of the KV cache */
  constructor(firstId: number, count: number, delayMs: (inputTokens: number) => number = () => 0) {
    this.firstId = firstId;
    this.delayMs = delayMs;
    this.open = count;
    this.ttftMs = new Float64Array(count).fill(Number.NaN);
    this.tpotMs = new Float64Array(count).fill(Number.NaN);
    this.endToEndMs = new Float64Array(count).fill(Number.NaN);
  }

  firstToken(sequence: ObservedSequence, atMs: number): void {
    const row = this.rowOf(sequence.request);
    const { arrivalMs, inputTokens } = sequence.request;
    if (row >= 0) this.ttftMs[row] = atMs - arrivalMs + this.delayMs(inputTokens);
  }

  tokenGaps(gapMs: number, count: number): void {
    if (this.measuring) this.gaps.add(gapMs, count);
  }

  finished({ request, firstTokenMs }: ObservedSequence, atMs: number): void {
    const row = this.rowOf(request);
    if (row < 0) return;
    this.endToEndMs[row] = atMs - request.arrivalMs + this.delayMs(request.inputTokens);
    if (request.outputTokens > 1) this.tpotMs[row] = (atMs - firstTokenMs) / (request.outputTokens - 1);
    this.counts.finished++;
    this.counts.outputTokens += request.outputTokens;
    this.open--;
  }

  rejected(request: SimulatedRequest, _atMs: number, reason: RejectReason): void {
    const row = this.rowOf(request);
    if (row < 0) return;
    this.open--;
    if (reason === "too-large") {
      this.counts.tooLarge++;
      return;
    }
    this.counts.queueFull++;
    for (const column of [this.ttftMs, this.tpotMs, this.endToEndMs]) column[row] = Number.POSITIVE_INFINITY;
  }

  preempted(): void {
    if (this.measuring) this.counts.preemptions++;
  }

  /** −1 for a request that is not measured. */
  private rowOf(request: SimulatedRequest): number {
    const row = request.id - this.firstId;
    return row < this.ttftMs.length ? row : -1;
  }
}
