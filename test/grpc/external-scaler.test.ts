import { expect, test } from "vitest";
import { externalScaler } from "../../src/adapters/grpc/external-scaler.ts";
import type { GetMetricsResponse } from "../../src/gen/externalscaler/externalscaler.ts";
import type { Live, LivePlan } from "../../src/ports/live.ts";

const variant = { name: "ns/chat", current: 2, desired: 5 };

/** What KEDA would read of a variant that has 2 replicas and is planned at 5. */
async function metric(plan: Partial<LivePlan>): Promise<number | undefined> {
  const live = { status: () => ({ plan: { variants: [variant], ...plan } }) } as unknown as Live;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const { getMetrics } = externalScaler({ live, log, stopping: new AbortController().signal });
  const scaledObjectRef = { name: "so", namespace: "ns", scalerMetadata: { variant: "chat" } };
  const { promise, resolve, reject } = Promise.withResolvers<GetMetricsResponse>();
  getMetrics({ request: { scaledObjectRef, metricName: "" } } as never, (error, response) =>
    error ? reject(error) : resolve(response as GetMetricsResponse),
  );
  return (await promise).metricValues[0]?.metricValueFloat;
}

test.each([
  ["act", undefined, 5],
  ["recommend", undefined, 5],
  ["observe", undefined, 2],
  ["approve", 7, 2],
  ["approve", undefined, 5],
] as const)("in mode %s with proposal %s KEDA reads %s", async (mode, proposedRevision, count) => {
  expect(await metric({ mode, ...(proposedRevision === undefined ? {} : { proposedRevision }) })).toBe(count);
});
