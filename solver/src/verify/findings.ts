import type { VerifyFinding } from "../api.ts";

/** A quantity of a plan may differ from the recomputed one by this much, relative to max(1, |value|). */
export const REPORT_TOLERANCE = 1e-6;
/** An attainment counts as reaching a threshold from this far below it on. */
export const REACH_TOLERANCE = 1e-7;
/** A plan that is wrong in thousands of places is wrong enough: the list stops here. */
const MOST_FINDINGS = 1000;

export function closeTo(a: number, b: number, tolerance = REPORT_TOLERANCE): boolean {
  if (a === b) return true;
  return (
    Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))
  );
}

/** Collects what is wrong. Every comparison is written so that NaN is a finding, never a pass. */
export class Findings {
  readonly list: VerifyFinding[] = [];

  add(subject: string, message: string, expected: number | string, actual: number | string): void {
    if (this.list.length < MOST_FINDINGS) this.list.push({ subject, message, expected, actual });
  }

  near(subject: string, message: string, expected: number, actual: number): void {
    if (!closeTo(expected, actual)) this.add(subject, message, expected, actual);
  }

  /** actual ≤ limit. */
  atMost(subject: string, message: string, limit: number, actual: number): void {
    if (!(actual <= limit + REPORT_TOLERANCE * Math.max(1, Math.abs(limit))))
      this.add(subject, message, `<= ${limit}`, actual);
  }

  /** actual ≥ limit. */
  atLeast(subject: string, message: string, limit: number, actual: number): void {
    if (!(actual >= limit - REPORT_TOLERANCE * Math.max(1, Math.abs(limit))))
      this.add(subject, message, `>= ${limit}`, actual);
  }

  /** A number that JSON can carry. */
  finite(subject: string, actual: number): void {
    if (!Number.isFinite(actual)) this.add(subject, "is no finite number", "finite", actual);
  }

  /** Takes over the findings of a plan inside the plan. */
  include(prefix: string, others: VerifyFinding[]): void {
    for (const f of others) this.add(`${prefix}/${f.subject}`, f.message, f.expected, f.actual);
  }
}
