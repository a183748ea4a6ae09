import type { ContinuousProfile } from "../snapshot/continuous-profile.ts";
import { checkContinuousProfile } from "./check-profile.ts";
import { type IterationTimes, iterationTimes } from "./iteration-time.ts";
import { Lane } from "./lane.ts";
import type { ReplicaObserver } from "./observer.ts";
import type { RejectReason, SimulatedRequest } from "./request.ts";
import { fillIteration, type SchedulerLimits, type SharedState, schedulerLimits } from "./scheduler.ts";
import { Sequence } from "./sequence.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Integrals over time since 0: divide the difference of two by the time between them for a mean. */
export interface TimeIntegrals {
  /** Ms in which an iteration was on its way. */
  busyMs: number;
  /** Sequences in service × ms. */
  runningMs: number;
  /** Requests waiting or in service × ms. */
  presentMs: number;
  kvTokenMs: number;
}

/**
 * One replica with continuous batching, iteration by iteration. Requests are offered in the order of their arrival, then time is moved
 * on; how far each call moves it does not change what happens. An iteration takes in what has arrived when it starts.
 */
export class ReplicaSimulation {
  readonly integrals: TimeIntegrals = { busyMs: 0, runningMs: 0, presentMs: 0, kvTokenMs: 0 };
  private readonly observer: ReplicaObserver;
  private readonly times: IterationTimes;
  private readonly limits: SchedulerLimits;
  private readonly maxPresent: number;
  private readonly shared: SharedState = { waiting: new WaitingLine(), kvTokens: 0, running: 0 };
  /** Requests that are offered and have not arrived yet. */
  private readonly coming = new WaitingLine();
  private readonly lanes: Lane[];
  /** Lanes with an iteration on its way, the next to end first: stages keep the order. */
  private readonly flights: Lane[] = [];
  /** When each stage of the pipeline is free. */
  private readonly stageFreeMs: number[];
  private nextLane = 0;
  private mayStart = false;
  private clockMs = 0;
  private offeredUntilMs = 0;
  private kvPeak = 0;
  private readonly onFinished = (sequence: Sequence) => this.finish(sequence);
  private preemptedNow = false;
  private readonly onPreempted = (sequence: Sequence) => {
    this.preemptedNow = true;
    this.observer.preempted?.(sequence, this.clockMs);
  };

  /** @throws InputError for a profile that cannot be meant. */
  constructor(profile: ContinuousProfile, observer: ReplicaObserver = {}) {
    checkContinuousProfile(profile);
    this.observer = observer;
    this.times = iterationTimes(profile);
    this.limits = schedulerLimits(profile);
    this.maxPresent = this.limits.maxRunning + (profile.maxQueueSize ?? Number.POSITIVE_INFINITY);
    const stages = profile.pipelineParallelSize ?? 1;
    this.lanes = Array.from({ length: stages }, () => new Lane());
    this.stageFreeMs = new Array<number>(stages).fill(0);
  }

  get nowMs(): number {
    return this.clockMs;
  }

  get running(): number {
    return this.shared.running;
  }

  get waiting(): number {
    return this.shared.waiting.length;
  }

  get kvTokens(): number {
    return this.shared.kvTokens;
  }

  /** The most KV tokens held at once so far. */
  get peakKvTokens(): number {
    return this.kvPeak;
  }

  /** @throws RangeError for a request before the ones offered so far or before now, or with lengths that are no whole numbers. */
  offer(request: SimulatedRequest): void {
    const { arrivalMs, inputTokens, outputTokens, cachedTokens, generatedTokens = 0 } = request;
    if (!(arrivalMs >= Math.max(this.clockMs, this.offeredUntilMs) && arrivalMs < Number.POSITIVE_INFINITY))
      throw new RangeError(`arrivalMs is ${arrivalMs}: requests arrive in order, and not before now (${this.clockMs})`);
    if (!Number.isSafeInteger(inputTokens) || inputTokens < 1)
      throw new RangeError(`inputTokens is ${inputTokens}: a whole number of at least 1`);
    if (!Number.isSafeInteger(generatedTokens) || generatedTokens < 0)
      throw new RangeError(`generatedTokens is ${generatedTokens}: a whole number of at least 0`);
    if (!Number.isSafeInteger(outputTokens) || outputTokens < generatedTokens + 1)
      throw new RangeError(
        `outputTokens is ${outputTokens}: a whole number above generatedTokens (${generatedTokens})`,
      );
    if (!Number.isSafeInteger(cachedTokens) || cachedTokens < 0 || cachedTokens > inputTokens)
      throw new RangeError(`cachedTokens is ${cachedTokens}: a whole number from 0 to inputTokens (${inputTokens})`);
    this.offeredUntilMs = arrivalMs;
    this.coming.add(new Sequence(request));
  }

  /** Everything up to and with this time happens. Infinity: until nothing is left. */
  advanceTo(timeMs: number): void {
    for (;;) {
      const endMs = this.flights[0]?.endMs ?? Number.POSITIVE_INFINITY;
      const arrivalMs = this.coming.first()?.request.arrivalMs ?? Number.POSITIVE_INFINITY;
      const startMs =
        this.mayStart && this.flights.length < this.lanes.length
          ? Math.max(this.clockMs, this.stageFreeMs[0]!)
          : Number.POSITIVE_INFINITY;
      const nextMs = Math.min(endMs, arrivalMs, startMs);
      if (nextMs > timeMs || nextMs === Number.POSITIVE_INFINITY) break;
      // What starts now would miss a request that is offered for now.
      if (nextMs === timeMs && nextMs < endMs && nextMs < arrivalMs) break;
      this.moveClock(nextMs);
      if (endMs === nextMs) this.complete(this.flights.shift()!);
      else if (arrivalMs === nextMs) this.arrive();
      else this.start(Math.min(arrivalMs, timeMs));
    }
    if (timeMs < Number.POSITIVE_INFINITY && timeMs > this.clockMs) this.moveClock(timeMs);
  }

  private moveClock(toMs: number): void {
    if (toMs <= this.clockMs) return;
    this.addIntegrals(toMs - this.clockMs, this.flights.length > 0);
    this.clockMs = toMs;
  }

  private addIntegrals(spanMs: number, busy: boolean): void {
    const { integrals, shared } = this;
    if (busy) integrals.busyMs += spanMs;
    integrals.runningMs += spanMs * shared.running;
    integrals.presentMs += spanMs * (shared.running + shared.waiting.length);
    integrals.kvTokenMs += spanMs * shared.kvTokens;
  }

  private arrive(): void {
    const sequence = this.coming.first()!;
    this.coming.removeFirst();
    const { request } = sequence;
    const reason = this.refusal(sequence);
    if (reason !== undefined) {
      this.observer.rejected?.(request, this.clockMs, reason);
      return;
    }
    this.shared.waiting.add(sequence);
    this.mayStart = true;
  }

  private refusal({ request, promptTokensLeft }: Sequence): RejectReason | undefined {
    const { limits, shared } = this;
    if (request.inputTokens + request.outputTokens - 1 > limits.kvCacheTokens) return "too-large";
    if (!limits.chunkedPrefill && promptTokensLeft > limits.maxBatchedTokens) return "too-large";
    return shared.running + shared.waiting.length >= this.maxPresent ? "queue-full" : undefined;
  }

  /**
   * Starts an iteration of the first lane, from the one whose turn it is, that has something to do.
   * @param nextMs when something may happen that no lane knows of
   */
  private start(nextMs: number): void {
    this.preemptedNow = false;
    for (let i = 0; i < this.lanes.length; i++) {
      const index = (this.nextLane + i) % this.lanes.length;
      const lane = this.lanes[index]!;
      if (lane.inFlight) continue;
      const promptTokens = fillIteration(lane, this.shared, this.limits, this.onPreempted);
      if (promptTokens === 0 && lane.decodedInFlight === 0) continue;
      this.nextLane = (index + 1) % this.lanes.length;
      const steady = promptTokens === 0 && !this.preemptedNow && this.lanes.length === 1;
      if (steady && this.observer.iteration === undefined) this.skipSteps(lane, nextMs);
      this.send(lane, promptTokens);
      return;
    }
    this.mayStart = false;
  }

  /**
   * Steps of nothing but the same sequences, up to the one in which something changes: until a sequence finishes or the KV cache is
   * full, who waits goes on waiting. The same as sending them one by one.
   */
  private skipSteps(lane: Lane, nextMs: number): void {
    const { shared, limits, observer, onFinished } = this;
    const decoding = lane.decodedInFlight;
    for (;;) {
      const endMs = this.clockMs + this.durationMs(lane, 0);
      if (lane.step >= lane.nextFinishStep || endMs >= nextMs) return;
      if (shared.kvTokens + decoding > limits.kvCacheTokens) return;
      this.addIntegrals(endMs - this.clockMs, true);
      this.clockMs = endMs;
      lane.endStep(endMs, observer, onFinished);
      shared.kvTokens += decoding;
      lane.beginStep();
    }
  }

  private durationMs(lane: Lane, promptTokens: number): number {
    const { times } = this;
    const decoded = lane.decodedInFlight;
    return (
      times.baseMs +
      times.perPromptTokenMs * promptTokens +
      times.perSequenceMs * decoded +
      times.perContextTokenMs * (decoded > 0 ? lane.contextTokens : 0)
    );
  }

  /** Through the stages of the pipeline, each an equal part of the time: a flow shop in which nobody overtakes. */
  private send(lane: Lane, promptTokens: number): void {
    const { stageFreeMs } = this;
    if (this.shared.kvTokens > this.kvPeak) this.kvPeak = this.shared.kvTokens;
    const durationMs = this.durationMs(lane, promptTokens);
    const stageMs = durationMs / stageFreeMs.length;
    let atMs = this.clockMs;
    for (let stage = 0; stage < stageFreeMs.length; stage++) {
      atMs = Math.max(atMs, stageFreeMs[stage]!) + stageMs;
      stageFreeMs[stage] = atMs;
    }
    lane.endMs = atMs;
    lane.inFlight = true;
    this.flights.push(lane);
    this.observer.iteration?.({
      startMs: this.clockMs,
      endMs: atMs,
      durationMs,
      promptTokens,
      decodedSequences: lane.decodedInFlight,
      contextTokens: lane.decodedInFlight > 0 ? lane.contextTokens : 0,
    });
  }

  private complete(lane: Lane): void {
    lane.inFlight = false;
    this.mayStart = true;
    if (lane.decodedInFlight > 0) lane.endStep(this.clockMs, this.observer, this.onFinished);
    for (const sequence of lane.completing) this.completePrompt(lane, sequence);
    lane.completing.length = 0;
  }

  private completePrompt(lane: Lane, sequence: Sequence): void {
    const nowMs = this.clockMs;
    if (sequence.generatedTokens === 0) {
      sequence.firstTokenMs = nowMs;
      this.observer.firstToken?.(sequence, nowMs);
    } else this.observer.tokenGaps?.(nowMs - sequence.lastTokenMs, 1, nowMs);
    sequence.generatedTokens++;
    sequence.lastTokenMs = nowMs;
    if (sequence.generatedTokens < sequence.request.outputTokens) {
      lane.enterDecoding(sequence);
      return;
    }
    lane.release(sequence);
    this.finish(sequence);
  }

  private finish(sequence: Sequence): void {
    this.shared.kvTokens -= sequence.kvTokens;
    this.shared.running--;
    this.observer.finished?.(sequence, this.clockMs);
  }
}
