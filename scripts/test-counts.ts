export interface TestCounts {
  passed: number;
  failed: number;
}

interface JsonReport {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * Counts the tests in vitest's JSON report. A file that failed without a failing test (it could not be loaded, or a hook
 * failed) counts as one failure; no report at all (vitest crashed) counts as nothing, its step has failed.
 */
export function countTests(report: JsonReport | undefined): TestCounts {
  const counts = { passed: 0, failed: 0 };
  for (const file of report?.testResults ?? []) {
    const failed = file.assertionResults.filter((test) => test.status === "failed").length;
    counts.passed += file.assertionResults.filter((test) => test.status === "passed").length;
    counts.failed += failed === 0 && file.status === "failed" ? 1 : failed;
  }
  return counts;
}
