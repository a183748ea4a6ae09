import type { Violation } from "../domain/violation.ts";

export const EXIT_DONE = 0;
/** Answered, but not met: floors that do not fit, a plan that fails its check. */
export const EXIT_NOT_MET = 1;
export const EXIT_BAD_INPUT = 2;
export const EXIT_UNREACHABLE = 3;
/** A defect of this program, as in sysexits.h. */
export const EXIT_INTERNAL = 70;

/** Input or usage that cannot be meant: exit code 2, one line each on standard error. */
export class BadInputError extends Error {
  readonly lines: string[];
  constructor(lines: string[]) {
    super(lines[0]);
    this.name = "BadInputError";
    this.lines = lines;
  }
}

const MAX_LINES = 50;

/** One line for each violation of a document, up to a screenful. */
export function badDocument(file: string, violations: Violation[]): BadInputError {
  const lines = violations
    .slice(0, MAX_LINES)
    .map(({ path, value, rule, fix }) => `${file}: ${path} is ${value}: ${rule}; ${fix}`);
  if (violations.length > MAX_LINES) lines.push(`${file}: and ${violations.length - MAX_LINES} more`);
  return new BadInputError(lines);
}

/** The service did not answer: exit code 3. */
export class UnreachableError extends Error {
  constructor(server: string, details: string) {
    super(`${server} does not answer (${details}); start it with apportion serve, or give --server`);
    this.name = "UnreachableError";
  }
}
