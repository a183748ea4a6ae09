import type { Violation } from "./violation.ts";

/** An input that cannot be meant: carries every violation; the message names the first. */
export class InputError extends Error {
  readonly violations: Violation[];
  constructor(violations: Violation[]) {
    const first = violations[0];
    const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : "";
    super(first === undefined ? "bad input" : `${first.path} is ${first.value}: ${first.rule}; ${first.fix}${more}`);
    this.name = "InputError";
    this.violations = violations;
  }
}
