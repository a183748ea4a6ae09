import type { SimulatedRequest } from "../../src/simulation/request.ts";
import type { ContinuousProfile } from "../../src/snapshot/continuous-profile.ts";

export interface NaiveOutcome {
  /** Time of every output token made here. */
  tokensMs: number[];
  preemptions: number;
  rejected?: "queue-full" | "too-large";
}

interface NaiveSequence {
  request: SimulatedRequest;
  made: number;
  /** Tokens to compute before the next one is made. */
  left: number;
  /** KV tokens held, or reserved for the prompt. */
  kv: number;
  /** Tokens that the iteration on its way computes for it; 0: it is not part of it. */
  now: number;
  outcome: NaiveOutcome;
}

interface NaiveLane {
  sequences: NaiveSequence[];
  endMs: number;
  flying: boolean;
}

/**
 * The same replica written as plainly as possible, from its description and not from its code: every sequence is visited in every
 * iteration, every sum is made anew, every token has its own time.
 */
export function naiveReplica(profile: ContinuousProfile, requests: readonly SimulatedRequest[]): NaiveOutcome[] {
  const stages = profile.pipelineParallelSize ?? 1;
  const lanes: NaiveLane[] = Array.from({ length: stages }, () => ({ sequences: [], endMs: 0, flying: false }));
  const stageFree = new Array<number>(stages).fill(0);
  const outcomes: NaiveOutcome[] = requests.map(() => ({ tokensMs: [], preemptions: 0 }));
  const waiting: NaiveSequence[] = [];
  let arrived = 0;
  let turn = 0;
  let now = 0;
  for (;;) {
    const ending = lanes.filter((lane) => lane.flying && lane.endMs === now);
    for (const lane of ending) land(lane, now);
    for (; arrived < requests.length && requests[arrived]!.arrivalMs === now; arrived++)
      receive(profile, lanes, waiting, requests[arrived]!, outcomes[arrived]!);
    for (let i = 0; i < stages && stageFree[0]! <= now; i++) {
      const index = (turn + i) % stages;
      const lane = lanes[index]!;
      if (lane.flying) continue;
      const duration = fill(profile, lanes, lane, waiting);
      if (duration === 0) continue;
      lane.flying = true;
      let at = now;
      for (let stage = 0; stage < stages; stage++)
        at = stageFree[stage] = Math.max(at, stageFree[stage]!) + duration / stages;
      lane.endMs = at;
      turn = (index + 1) % stages;
      break;
    }
    const next = [
      ...lanes.filter((lane) => lane.flying).map((lane) => lane.endMs),
      ...(arrived < requests.length ? [requests[arrived]!.arrivalMs] : []),
      ...(stageFree[0]! > now ? [stageFree[0]!] : []),
    ];
    if (next.length === 0) return outcomes;
    now = Math.min(...next);
  }
}

function receive(
  profile: ContinuousProfile,
  lanes: NaiveLane[],
  waiting: NaiveSequence[],
  request: SimulatedRequest,
  outcome: NaiveOutcome,
): void {
  const made = request.generatedTokens ?? 0;
  const left = made > 0 ? 0 : Math.max(1, request.inputTokens - request.cachedTokens);
  const kvLimit = profile.kvCacheTokens ?? Number.POSITIVE_INFINITY;
  const batch = Math.min(profile.maxBatchSize, profile.maxBatchedTokens);
  const present = waiting.length + lanes.reduce((sum, lane) => sum + lane.sequences.length, 0);
  if (request.inputTokens + request.outputTokens - 1 > kvLimit) outcome.rejected = "too-large";
  else if (!profile.chunkedPrefill && left > profile.maxBatchedTokens) outcome.rejected = "too-large";
  else if (profile.maxQueueSize !== undefined && present >= batch + profile.maxQueueSize)
    outcome.rejected = "queue-full";
  else waiting.push({ request, made, left, kv: 0, now: 0, outcome });
}

/** Decides the iteration of a lane. @returns its time; 0: nothing to do. */
function fill(profile: ContinuousProfile, lanes: NaiveLane[], lane: NaiveLane, waiting: NaiveSequence[]): number {
  const batch = Math.min(profile.maxBatchSize, profile.maxBatchedTokens);
  const kvLimit = profile.kvCacheTokens ?? Number.POSITIVE_INFINITY;
  const kv = () => lanes.flatMap((one) => one.sequences).reduce((sum, one) => sum + one.kv, 0);
  const hasPlace = () =>
    lanes.reduce((sum, one) => sum + one.sequences.length, 0) < batch &&
    lane.sequences.length < Math.ceil(batch / lanes.length);
  const decoders = () => lane.sequences.filter((one) => one.left === 0);
  const computed = () => lane.sequences.reduce((sum, one) => sum + one.now, 0);
  const admit = (kvTokens: number): NaiveSequence => {
    const one = waiting.shift()!;
    one.kv = kvTokens;
    lane.sequences.push(one);
    return one;
  };
  while (waiting[0]?.left === 0 && hasPlace()) {
    const held = waiting[0].request.inputTokens + waiting[0].made - 1;
    if (kv() + decoders().length + held + 1 > kvLimit) break;
    admit(held);
  }
  const admitPrompts = (budget: number): void => {
    while (waiting[0] !== undefined && waiting[0].left > 0 && hasPlace()) {
      const one = waiting[0];
      const room = budget - computed();
      const held = one.request.inputTokens + one.made;
      const mayOutgrow = one.outcome.preemptions > 0 && computed() === 0;
      if (room <= 0 || kv() + held > kvLimit) return;
      if (!profile.chunkedPrefill && one.left > room && !mayOutgrow) return;
      admit(held);
      one.now = profile.chunkedPrefill ? Math.min(room, one.left) : one.left;
      if (one.now < one.left) return;
    }
  };
  if (!profile.chunkedPrefill) {
    admitPrompts(profile.maxBatchedTokens);
    if (computed() > 0) return timeOf(profile, computed(), []);
  }
  let anyPreempted = false;
  while (decoders().length > 0 && kv() + decoders().length > kvLimit) {
    const youngest = lane.sequences.pop()!;
    youngest.kv = 0;
    youngest.left = Math.max(1, youngest.request.inputTokens + youngest.made - youngest.request.cachedTokens);
    youngest.outcome.preemptions++;
    waiting.unshift(youngest);
    anyPreempted = true;
  }
  const decoding = decoders();
  for (const one of decoding) {
    one.now = 1;
    one.kv += 1;
  }
  if (profile.chunkedPrefill) {
    for (const one of lane.sequences)
      if (one.left > 0) one.now = Math.min(one.left, profile.maxBatchedTokens - computed());
    if (!anyPreempted && lane.sequences.every((one) => one.left === 0 || one.now === one.left))
      admitPrompts(profile.maxBatchedTokens);
  }
  if (computed() === 0) return 0;
  return timeOf(profile, computed() - decoding.length, decoding);
}

function timeOf(profile: ContinuousProfile, promptTokens: number, decoding: readonly NaiveSequence[]): number {
  const { measured, used, serialShare } = profile.tensorParallelSize ?? { measured: 1, used: 1, serialShare: 1 };
  const onMeasured =
    profile.baseMs +
    profile.perPromptTokenMs * promptTokens +
    decoding.reduce((sum, one) => sum + profile.perSequenceMs + profile.perContextTokenMs * one.kv, 0);
  return onMeasured * serialShare + (onMeasured * (1 - serialShare) * measured) / used;
}

function land(lane: NaiveLane, atMs: number): void {
  lane.flying = false;
  for (const one of lane.sequences) {
    if (one.now === 0) continue;
    one.left = Math.max(0, one.left - one.now);
    one.now = 0;
    if (one.left > 0) continue;
    one.made++;
    one.outcome.tokensMs.push(atMs);
  }
  lane.sequences = lane.sequences.filter((one) => one.made < one.request.outputTokens);
}
