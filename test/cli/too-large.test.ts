import { PassThrough } from "node:stream";
import { ProblemTooLargeError } from "@apportion/solver";
import { expect, test } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";
import { inProcessPlacement } from "../../src/app/placement.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { runCli } from "../../src/cli/program.ts";

const PROBLEM = `
apiVersion: apportion.dev/v1
kind: PlacementProblem
pools: [{ name: h100, devices: 2 }]
workloads:
  - name: chat
    demandPerSecond: 1
    variants: [{ name: chat-h100, pool: h100, devicesPerReplica: 1, capacityPerSecond: 4, costPerHour: 5 }]
`;

test("a problem that would take too much memory: exit code 2, estimate, limit and fix on standard error", async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const solve = () => Promise.reject(new ProblemTooLargeError(2 ** 34, 2 ** 32));
  const context = {
    stdout,
    stderr,
    version: "0",
    placement: { ...inProcessPlacement(readDocumentText), warmUp: () => undefined, solve },
    readFile: async () => PROBLEM,
    onInterrupt: () => () => undefined,
  } as unknown as CliContext;
  expect(await runCli(["solve", "problem.yaml"], context)).toBe(2);
  expect(stdout.read()).toBeNull();
  expect(String(stderr.read())).toMatch(
    /^apportion: the problem would take about 16,384 MiB .*4,096 MiB; .*apart.*\n$/,
  );
});
