import { InputError } from "../../domain/input-error.ts";
import { shown, type Violation } from "../../domain/violation.ts";
import { MAX_BATCH_SIZE, MAX_QUEUE_SIZE, MAX_RATE, MAX_TIME_MS, MAX_TOKENS } from "../../snapshot/limits.ts";
import type { QueueingProfile, SloTargets, TokenMix } from "../../snapshot/profile.ts";

/** @throws InputError with every parameter that cannot be meant. */
export function checkQueueInput(profile: QueueingProfile, mix: TokenMix, slo: SloTargets = {}): void {
  const violations = [...profileViolations(profile), ...mixViolations(mix), ...sloViolations(slo)];
  if (violations.length === 0) violations.push(...serviceViolations(profile, mix));
  if (violations.length > 0) throw new InputError(violations);
}

/** What is wrong with a profile by itself. Paths are field names of the profile. */
function profileViolations(profile: QueueingProfile): Violation[] {
  const times: [string, number][] =
    profile.dialect === "D1"
      ? [
          ["decodeAlphaMs", profile.decodeAlphaMs],
          ["decodeBetaMs", profile.decodeBetaMs],
          ["prefillGammaMs", profile.prefillGammaMs],
          ["prefillDeltaMs", profile.prefillDeltaMs],
        ]
      : [
          ["alphaMs", profile.alphaMs],
          ["betaMs", profile.betaMs],
          ["gammaMs", profile.gammaMs],
        ];
  const violations = times.flatMap(([name, value]) => within(name, value, 0, MAX_TIME_MS, "ms"));
  if (times.every(([, value]) => value === 0)) {
    violations.push({
      path: times.map(([name]) => name).join(", "),
      value: "all 0",
      rule: "a request takes time",
      fix: "give the measured times; all 0 means that nothing was measured yet",
    });
  }
  violations.push(...whole("maxBatchSize", profile.maxBatchSize, 1, MAX_BATCH_SIZE));
  violations.push(...whole("maxQueueSize", profile.maxQueueSize, 0, MAX_QUEUE_SIZE));
  if (profile.dialect === "D3") violations.push(...whole("maxNumTokens", profile.maxNumTokens, 1, MAX_TOKENS));
  return violations;
}

/** A decode step that takes no time and a single output token can leave a request that takes none, though no field is wrong alone. */
function serviceViolations(profile: QueueingProfile, mix: TokenMix): Violation[] {
  if (profile.dialect !== "D1") return [];
  const prefill = mix.inputTokens > 0 && profile.prefillGammaMs + profile.prefillDeltaMs > 0;
  const decode = mix.outputTokens > 1 && profile.decodeAlphaMs + profile.decodeBetaMs > 0;
  if (prefill || decode) return [];
  return [
    {
      path: "inputTokens, outputTokens",
      value: `${mix.inputTokens}, ${mix.outputTokens}`,
      rule: "a request takes time, by these parameters it takes none",
      fix: "give the prefill times, or more than one output token and the decode times",
    },
  ];
}

function mixViolations(mix: TokenMix): Violation[] {
  return [
    ...within("inputTokens", mix.inputTokens, 0, MAX_TOKENS, "tokens"),
    ...within("outputTokens", mix.outputTokens, 1, MAX_TOKENS, "tokens"),
  ];
}

function sloViolations(slo: SloTargets): Violation[] {
  return [
    ...(slo.ttftMs === undefined ? [] : within("ttftMs", slo.ttftMs, 0, MAX_TIME_MS, "ms")),
    ...(slo.itlMs === undefined ? [] : within("itlMs", slo.itlMs, 0, MAX_TIME_MS, "ms")),
    ...(slo.tps === undefined ? [] : within("tps", slo.tps, 0, MAX_RATE, "tokens per second")),
  ];
}

/** A rate at which a replica is analyzed, requests per second. */
export function rateViolations(rate: number): Violation[] {
  if (Number.isFinite(rate) && rate > 0) return [];
  return [
    {
      path: "ratePerSecond",
      value: shown(rate),
      rule: "a finite number above 0",
      fix: "give the rate of requests that one replica is offered",
    },
  ];
}

function within(path: string, value: number, low: number, high: number, unit: string): Violation[] {
  if (Number.isFinite(value) && value >= low && value <= high) return [];
  const rule = `a finite number from ${low} to ${high} ${unit}`;
  return [{ path, value: shown(value), rule, fix: `give it in ${unit}` }];
}

function whole(path: string, value: number, low: number, high: number): Violation[] {
  if (Number.isInteger(value) && value >= low && value <= high) return [];
  return [
    {
      path,
      value: shown(value),
      rule: `a whole number from ${low} to ${high}`,
      fix: "give a count of requests or tokens",
    },
  ];
}
