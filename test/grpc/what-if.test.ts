import { credentials, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import type { WhatIfResponse } from "../../src/gen/apportion/v1/live.ts";
import type { PreviewOverrideResponse } from "../../src/gen/apportion/v1/override.ts";
import { OverrideServiceClient, OverrideSpec } from "../../src/gen/apportion/v1/override.ts";
import type { Live } from "../../src/ports/live.ts";
import { failure, promised, startService } from "./service.ts";

/** What-ifs of a fleet whose answer comes when the test says so; one may run, and one wait. */
async function service() {
  const running: PromiseWithResolvers<void>[] = [];
  let most = 0;
  let active = 0;
  const think = async (): Promise<never> => {
    active += 1;
    most = Math.max(most, active);
    const gate = Promise.withResolvers<void>();
    running.push(gate);
    await gate.promise.finally(() => {
      active -= 1;
    });
    throw new Error("thought");
  };
  const live = { whatIf: think, previewOverride: think } as unknown as Live;
  const intake = { report: think, sources: () => [], entries: () => [] };
  const fleet = { live, demand: intake, inventory: intake, staleAfterMs: () => 60_000 };
  const { client, server } = await startService(undefined, { fleet, maxSolves: 1, maxQueued: 1 });
  const override = new OverrideServiceClient(server.address, credentials.createInsecure());
  onTestFinished(() => override.close());
  const spec = OverrideSpec.fromPartial({
    type: "OVERRIDE_TYPE_FREEZE",
    subjectKind: "OVERRIDE_SUBJECT_KIND_VARIANT",
    subject: "default/chat",
    reason: "incident",
    author: "ada",
  });
  return {
    whatIf: () => failure(promised<WhatIfResponse>((done) => client.whatIf({ changes: [CHANGE] }, done))),
    preview: () => failure(promised<PreviewOverrideResponse>((done) => override.previewOverride({ spec }, done))),
    running,
    most: () => most,
  };
}

const CHANGE = {
  change: { $case: "demand" as const, value: { workload: "default/chat", requestsPerSecond: 1 } },
};

const until = async (probe: () => boolean): Promise<void> => {
  while (!probe()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("what-ifs and previews take their turn; those beyond the queue are refused, with what to do", async () => {
  const { whatIf, preview, running, most } = await service();
  const first = whatIf();
  await until(() => running.length === 1);
  // Of these one waits, whichever comes first.
  const others = [whatIf(), preview(), whatIf()];
  expect(await Promise.race(others)).toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringMatching(/1 solves and what-ifs run and 1 wait.*--max-solves or --max-queued/),
  });
  running[0]?.resolve();
  await until(() => running.length === 2);
  running[1]?.resolve();
  const codes = (await Promise.all(others)).map(({ code }) => code);
  expect(codes.filter((code) => code === status.RESOURCE_EXHAUSTED)).toHaveLength(2);
  expect((await first).code).toBe(status.INTERNAL);
  expect(most()).toBe(1);
});
