import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReplicaSimulation } from "../../src/simulation/replica.ts";
import type { SimulatedRequest } from "../../src/simulation/request.ts";
import type { ContinuousProfile } from "../../src/snapshot/continuous-profile.ts";
import { type NaiveOutcome, naiveReplica } from "./naive-replica.ts";

const profileArbitrary: fc.Arbitrary<ContinuousProfile> = fc.record(
  {
    dialect: fc.constant("continuous" as const),
    baseMs: fc.double({ min: 0.5, max: 20, noNaN: true }),
    perSequenceMs: fc.double({ min: 0, max: 1, noNaN: true }),
    perPromptTokenMs: fc.double({ min: 0, max: 0.5, noNaN: true }),
    perContextTokenMs: fc.double({ min: 0, max: 0.05, noNaN: true }),
    maxBatchSize: fc.integer({ min: 1, max: 9 }),
    maxBatchedTokens: fc.integer({ min: 1, max: 40 }),
    chunkedPrefill: fc.boolean(),
    kvCacheTokens: fc.integer({ min: 20, max: 150 }),
    maxQueueSize: fc.integer({ min: 0, max: 12 }),
    tensorParallelSize: fc.record({
      measured: fc.integer({ min: 1, max: 2 }),
      used: fc.integer({ min: 1, max: 8 }),
      serialShare: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    pipelineParallelSize: fc.integer({ min: 1, max: 3 }),
  },
  {
    requiredKeys: [
      ...(["dialect", "baseMs", "perSequenceMs", "perPromptTokenMs", "perContextTokenMs"] as const),
      ...(["maxBatchSize", "maxBatchedTokens", "chunkedPrefill"] as const),
    ],
  },
);

/** Gaps of 0 make requests that come together; handed over ones mix with others. */
const requestsArbitrary: fc.Arbitrary<SimulatedRequest[]> = fc
  .array(
    fc.record({
      gapMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 60, noNaN: true })),
      inputTokens: fc.integer({ min: 1, max: 60 }),
      outputTokens: fc.integer({ min: 1, max: 25 }),
      cachedShare: fc.double({ min: 0, max: 1, noNaN: true }),
      handedOver: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => {
    let arrivalMs = 0;
    return rows.map(({ gapMs, inputTokens, outputTokens, cachedShare, handedOver }, id) => {
      arrivalMs += gapMs;
      const cachedTokens = cachedShare < 0.3 ? Math.floor(inputTokens * cachedShare * 3) : 0;
      const generatedTokens = handedOver < 0.15 && outputTokens > 1 ? 1 : undefined;
      return { id, arrivalMs, inputTokens, outputTokens, cachedTokens, generatedTokens };
    });
  });

interface Observed {
  firstMs: number[];
  endMs: number[];
  preemptions: number[];
  rejected: (string | undefined)[];
  gaps: number[];
}

function observed(profile: ContinuousProfile, requests: readonly SimulatedRequest[], stepMs: number): Observed {
  const blank = () => requests.map(() => Number.NaN);
  const seen: Observed = {
    firstMs: blank(),
    endMs: blank(),
    preemptions: requests.map(() => 0),
    rejected: [],
    gaps: [],
  };
  seen.rejected.length = requests.length;
  const replica = new ReplicaSimulation(profile, {
    firstToken: ({ request }, atMs) => {
      seen.firstMs[request.id] = atMs;
    },
    finished: ({ request }, atMs) => {
      seen.endMs[request.id] = atMs;
    },
    preempted: ({ request }) => {
      seen.preemptions[request.id]! += 1;
    },
    rejected: (request, _atMs, reason) => {
      seen.rejected[request.id] = reason;
    },
    tokenGaps: (gapMs, count) => {
      for (let i = 0; i < count; i++) seen.gaps.push(gapMs);
    },
  });
  const most = profile.kvCacheTokens ?? Number.POSITIVE_INFINITY;
  let next = 0;
  for (let nowMs = 0; next < requests.length; nowMs += stepMs) {
    for (; next < requests.length && requests[next]!.arrivalMs <= nowMs; next++) replica.offer(requests[next]!);
    replica.advanceTo(nowMs);
    expect(replica.kvTokens).toBeLessThanOrEqual(most);
  }
  replica.advanceTo(Number.POSITIVE_INFINITY);
  expect(replica.peakKvTokens).toBeLessThanOrEqual(most);
  expect([replica.kvTokens, replica.running, replica.waiting]).toEqual([0, 0, 0]);
  seen.gaps.sort((a, b) => a - b);
  return seen;
}

function expected(requests: readonly SimulatedRequest[], outcomes: readonly NaiveOutcome[]): Observed {
  const handedOver = (id: number) => (requests[id]!.generatedTokens ?? 0) > 0;
  const gaps = outcomes.flatMap(({ tokensMs }, id) => {
    const times = handedOver(id) ? [requests[id]!.arrivalMs, ...tokensMs] : tokensMs;
    return tokensMs.length === 0 ? [] : times.slice(1).map((atMs, i) => atMs - times[i]!);
  });
  return {
    firstMs: outcomes.map(({ tokensMs }, id) => (handedOver(id) ? Number.NaN : (tokensMs[0] ?? Number.NaN))),
    endMs: outcomes.map(({ tokensMs }) => tokensMs.at(-1) ?? Number.NaN),
    preemptions: outcomes.map(({ preemptions }) => preemptions),
    rejected: outcomes.map(({ rejected }) => rejected),
    gaps: gaps.sort((a, b) => a - b),
  };
}

function apart(found: readonly number[], wanted: readonly number[]): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  return found.reduce((worst, value, i) => {
    if (Number.isNaN(value) && Number.isNaN(wanted[i]!)) return worst;
    const relative = Math.abs(value - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!));
    return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : Math.max(worst, relative);
  }, 0);
}

describe("the simulation against one that visits every sequence in every iteration", () => {
  const seen = { preempted: 0, queueFull: 0, tooLarge: 0, pipelines: 0, uncut: 0, handedOver: 0 };

  it("gives the same times, gaps, preemptions and refusals, however time is moved on", () => {
    fc.assert(
      fc.property(profileArbitrary, requestsArbitrary, fc.constantFrom(3.7, 50, 1e9), (profile, requests, stepMs) => {
        const outcomes = naiveReplica(profile, requests);
        const wanted = expected(requests, outcomes);
        const found = observed(profile, requests, stepMs);
        seen.preempted += wanted.preemptions.reduce((sum, count) => sum + count, 0);
        seen.queueFull += wanted.rejected.filter((reason) => reason === "queue-full").length;
        seen.tooLarge += wanted.rejected.filter((reason) => reason === "too-large").length;
        seen.pipelines += (profile.pipelineParallelSize ?? 1) > 1 ? 1 : 0;
        seen.uncut += profile.chunkedPrefill ? 0 : 1;
        seen.handedOver += requests.filter(({ generatedTokens }) => generatedTokens === 1).length;
        expect(found.rejected).toEqual(wanted.rejected);
        expect(found.preemptions).toEqual(wanted.preemptions);
        expect(apart(found.firstMs, wanted.firstMs)).toBeLessThan(1e-9);
        expect(apart(found.endMs, wanted.endMs)).toBeLessThan(1e-9);
        expect(apart(found.gaps, wanted.gaps)).toBeLessThan(1e-9);
      }),
      { seed: 20_261_125, numRuns: 800, endOnFailure: true },
    );
  });

  it("saw all that can happen", () => {
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });
});
