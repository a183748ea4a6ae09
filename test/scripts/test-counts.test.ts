import { expect, it } from "vitest";
import { countTests } from "../../scripts/test-counts.ts";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

it("counts passed and failed tests, not skipped ones", () => {
  const testResults = [file("passed", "passed", "skipped"), file("failed", "passed", "failed", "failed")];
  expect(countTests({ testResults })).toEqual({ passed: 2, failed: 2 });
});

it("counts a file that could not be loaded as one failure", () => {
  expect(countTests({ testResults: [file("failed"), file("passed", "passed")] })).toEqual({ passed: 1, failed: 1 });
});

it("counts nothing where there is no report", () => {
  expect(countTests(undefined)).toEqual({ passed: 0, failed: 0 });
});
