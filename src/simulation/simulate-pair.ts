import type { ContinuousProfile, LengthMix } from "../snapshot/continuous-profile.ts";
import type { DrawnArrivals } from "./arrivals.ts";
import { drawRequests, requestOf } from "./drawn-requests.ts";
import { kvTransferMs } from "./kv-transfer.ts";
import { ReplicaSimulation } from "./replica.ts";
import type { SimulatedRequest } from "./request.ts";
import { RunRecord } from "./run-record.ts";
import { RunResult } from "./run-result.ts";

export interface PairOptions {
  ratePerSecond: number;
  /** Requests that are measured, after `warmup` others (absent: a tenth); as many follow as came before. */
  requests: number;
  warmup?: number;
  seed: number;
  arrivals?: DrawnArrivals;
  balanced?: boolean;
}

/**
 * A prefill replica that hands each request over to a decode replica: the first token is out when its KV cache has moved (`kvTransfer`
 * of the prefill replica), and the request decodes when the other one has place. Answers of one token end at the prefill replica.
 * Nothing flows back, so one replica is run after the other.
 * @returns latencies over both; its means are over the whole run, sequences and KV tokens of both replicas together
 * @throws InputError for a profile that cannot be meant.
 */
export function simulatePair(
  prefill: ContinuousProfile,
  decode: ContinuousProfile,
  mix: LengthMix,
  options: PairOptions,
): RunResult {
  const { requests, warmup = Math.ceil(requests / 10), ratePerSecond } = options;
  const drawn = drawRequests(mix, { ...options, count: requests + 2 * warmup });
  const record = new RunRecord(warmup, requests);
  record.measuring = true;
  const handedOver: SimulatedRequest[] = [];
  const arrivals: SimulatedRequest[] = [];
  const first = new ReplicaSimulation(prefill, {
    rejected: (request, atMs, reason) => record.rejected(request, atMs, reason),
    finished: ({ request, preemptions }, atMs) => {
      const asked = arrivals[request.id]!;
      const sequence = { request: asked, firstTokenMs: atMs, preemptions };
      if (asked.outputTokens === 1) {
        record.firstToken(sequence, atMs);
        record.finished(sequence, atMs);
        return;
      }
      const movedMs = atMs + kvTransferMs(prefill, asked.inputTokens);
      record.firstToken(sequence, movedMs);
      handedOver.push({ ...asked, arrivalMs: movedMs, generatedTokens: 1 });
    },
  });
  let arrivalMs = 0;
  for (let i = 0; i < drawn.gaps.length; i++) {
    arrivalMs += (drawn.gaps[i]! * 1000) / ratePerSecond;
    arrivals.push(requestOf(drawn, i, arrivalMs));
    first.offer({ ...arrivals[i]!, outputTokens: 1 });
  }
  first.advanceTo(Number.POSITIVE_INFINITY);
  handedOver.sort((a, b) => a.arrivalMs - b.arrivalMs || a.id - b.id);
  const second = new ReplicaSimulation(decode, {
    rejected: (request, atMs, reason) => record.rejected(request, atMs, reason),
    tokenGaps: (gapMs, count) => record.tokenGaps(gapMs, count),
    preempted: () => record.preempted(),
    finished: (sequence, atMs) => record.finished({ ...sequence, request: arrivals[sequence.request.id]! }, atMs),
  });
  for (const request of handedOver) second.offer(request);
  second.advanceTo(Number.POSITIVE_INFINITY);
  const spanMs = Math.max(first.nowMs, second.nowMs);
  const meanOf = (of: (replica: ReplicaSimulation) => number) => (of(first) + of(second)) / spanMs;
  const means = {
    spanMs,
    running: meanOf(({ integrals }) => integrals.runningMs),
    present: meanOf(({ integrals }) => integrals.presentMs),
    kvTokens: meanOf(({ integrals }) => integrals.kvTokenMs),
    busyShare: meanOf(({ integrals }) => integrals.busyMs / 2),
  };
  return new RunResult(record, means, Math.max(first.peakKvTokens, second.peakKvTokens));
}
