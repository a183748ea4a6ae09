import type { ContinuousProfile, LengthMix } from "../snapshot/continuous-profile.ts";
import type { ArrivalProcess } from "./arrivals.ts";
import { type DrawnRequests, drawRequests, requestOf } from "./drawn-requests.ts";
import { kvTransferMs } from "./kv-transfer.ts";
import { ReplicaSimulation } from "./replica.ts";
import type { SimulatedRequest } from "./request.ts";
import { RunRecord } from "./run-record.ts";
import { RunResult } from "./run-result.ts";

/**
 * `prefill`: computes prompts and hands them over with their first token, which is out when the KV cache has moved (`kvTransfer`).
 * `decode`: gets prompts with their KV cache and first token made. Requests of a single token never reach a decode replica; they count
 * as finished there.
 */
export type ReplicaRole = "both" | "prefill" | "decode";

export interface RunOptions {
  /** Requests that are measured. */
  requests: number;
  /** Requests before them, which fill the replica. Absent: a tenth. */
  warmup?: number;
  role?: ReplicaRole;
}

export interface SimulationOptions extends RunOptions {
  ratePerSecond: number;
  seed: number;
  /** Absent: Poisson. Given times end the run with the last of them; `requests` and `warmup` count them. */
  arrivals?: ArrivalProcess;
  /** See DrawOptions. */
  balanced?: boolean;
}

/**
 * One replica at one rate. Requests go on arriving until the measured ones are done, so that the last of them meet the same load.
 * @throws InputError for a profile that cannot be meant.
 */
export function simulateReplica(profile: ContinuousProfile, mix: LengthMix, options: SimulationOptions): RunResult {
  const { arrivals = { kind: "poisson" }, requests, warmup = defaultWarmup(requests), seed, balanced } = options;
  const count = requests + warmup;
  if (arrivals.kind !== "given") {
    const drawn = drawRequests(mix, { count, seed, arrivals, balanced });
    return runDrawn(profile, drawn, options.ratePerSecond, { ...options, warmup });
  }
  const drawn = drawRequests(mix, { count: Math.max(1, arrivals.timesMs.length), seed, balanced });
  const offered = arrivals.timesMs.map((timeMs, i) => requestOf(drawn, i, timeMs));
  return runRequests(profile, offered.values(), { ...options, warmup });
}

/** Requests that were drawn before, at a rate. */
export function runDrawn(
  profile: ContinuousProfile,
  drawn: DrawnRequests,
  ratePerSecond: number,
  options: RunOptions,
): RunResult {
  return runRequests(profile, atRate(drawn, ratePerSecond), options);
}

/** @throws RangeError for a rate that is no finite number above 0. */
function* atRate(drawn: DrawnRequests, ratePerSecond: number): Generator<SimulatedRequest> {
  if (!(ratePerSecond > 0 && ratePerSecond < Number.POSITIVE_INFINITY))
    throw new RangeError(`ratePerSecond is ${ratePerSecond}: a finite number above 0`);
  const meanGapMs = 1000 / ratePerSecond;
  const size = drawn.gaps.length;
  let arrivalMs = 0;
  for (let i = 0; ; i++) {
    arrivalMs += drawn.gaps[i % size]! * meanGapMs;
    yield requestOf(drawn, i, arrivalMs);
  }
}

/** Requests of ids 0, 1, 2 … in the order of their arrival; of an endless source as many as it takes. */
function runRequests(
  profile: ContinuousProfile,
  requests: Iterator<SimulatedRequest>,
  { requests: measured, warmup = defaultWarmup(measured), role = "both" }: RunOptions,
): RunResult {
  const delayMs = role === "prefill" ? (tokens: number) => kvTransferMs(profile, tokens) : undefined;
  const record = new RunRecord(warmup, measured, delayMs);
  const replica = new ReplicaSimulation(profile, record);
  let before = { ...replica.integrals };
  let fromMs = 0;
  while (record.open > 0) {
    const next = requests.next();
    if (next.done) {
      replica.advanceTo(Number.POSITIVE_INFINITY);
      break;
    }
    const request = inRole(next.value, role);
    replica.advanceTo(request.arrivalMs);
    if (request.id === warmup) {
      record.measuring = true;
      before = { ...replica.integrals };
      fromMs = replica.nowMs;
    }
    if (request.outputTokens > (request.generatedTokens ?? 0)) replica.offer(request);
    else finishElsewhere(record, request);
  }
  const spanMs = replica.nowMs - fromMs;
  const after = replica.integrals;
  return new RunResult(
    record,
    {
      spanMs,
      running: (after.runningMs - before.runningMs) / spanMs,
      present: (after.presentMs - before.presentMs) / spanMs,
      kvTokens: (after.kvTokenMs - before.kvTokenMs) / spanMs,
      busyShare: (after.busyMs - before.busyMs) / spanMs,
    },
    replica.peakKvTokens,
  );
}

export function inRole(request: SimulatedRequest, role: ReplicaRole): SimulatedRequest {
  if (role === "prefill") return { ...request, outputTokens: 1 };
  if (role === "decode") return { ...request, generatedTokens: 1 };
  return request;
}

/** It was answered in full before it came here. */
function finishElsewhere(record: RunRecord, request: SimulatedRequest): void {
  record.finished({ request, firstTokenMs: request.arrivalMs, preemptions: 0 }, request.arrivalMs);
}

function defaultWarmup(requests: number): number {
  return Math.ceil(requests / 10);
}
