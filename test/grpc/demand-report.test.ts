import { expect, test } from "vitest";
import type { CallError } from "../../src/adapters/grpc/call-error.ts";
import { readDemandReport } from "../../src/adapters/grpc/demand-report.ts";
import { DemandReport, type TokenMix } from "../../src/gen/apportion/v1/demand.ts";
import { FieldViolations } from "../../src/gen/apportion/v1/errors.ts";
import { Status } from "../../src/gen/google/rpc/status.ts";

function read(tokenMix: Partial<TokenMix>) {
  const report = DemandReport.fromPartial({
    header: { source: "gateway", sequence: 1n },
    demands: [{ workload: "ml/chat", requestsPerSecond: 2, tokenMix }],
  });
  return readDemandReport(report, 1_000).entries[0]!.value;
}

function violations(tokenMix: Partial<TokenMix>): string[] {
  try {
    read(tokenMix);
  } catch (error) {
    const raw = (error as CallError).metadata.get("grpc-status-details-bin")[0] as Buffer;
    const detail = Status.decode(raw).details.find(({ typeUrl }) => typeUrl.endsWith("FieldViolations"))!;
    return FieldViolations.decode(detail.value).violations.map(({ path, rule }) => `${path}: ${rule}`);
  }
  return [];
}

test("how far lengths spread is taken over where it is told, and absent where it is not", () => {
  expect(read({ inputTokens: 10, outputTokens: 2 })).toEqual({
    ratePerSecond: 2,
    tokenMix: { inputTokens: 10, outputTokens: 2 },
  });
  const whole = { inputTokens: 10, outputTokens: 2, inputVariation: 0.5, outputVariation: 0, prefixCacheHitRate: 0.25 };
  expect(read(whole)).toEqual({ ratePerSecond: 2, tokenMix: whole });
});

test.each<[string, Partial<TokenMix>, string]>([
  [
    "a mean that is not a number",
    { inputTokens: Number.NaN },
    "report.demands[0].tokenMix.inputTokens: a number from 0 to 100000000",
  ],
  [
    "an answer of no token",
    { outputTokens: 0 },
    "report.demands[0].tokenMix.outputTokens: a number from 1 to 100000000",
  ],
  ["a negative spread", { inputVariation: -1 }, "report.demands[0].tokenMix.inputVariation: a number from 0 to 10"],
  [
    "more hits than prompts",
    { prefixCacheHitRate: 1.5 },
    "report.demands[0].tokenMix.prefixCacheHitRate: a number from 0 to 1",
  ],
])("%s is refused with its path", (_what, mix, expected) => {
  expect(violations({ inputTokens: 10, outputTokens: 2, ...mix })).toEqual([expected]);
});
