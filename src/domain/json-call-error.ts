/** A call that failed, as browsers are told of it. */
export class JsonCallError extends Error {
  /** Of gRPC, in lower case with underscores: `invalid_argument`, `unavailable`, … */
  readonly code: string;
  readonly violations: readonly { path: string; value: string; rule: string; fix: string }[];

  constructor(code: string, message: string, violations: JsonCallError["violations"] = []) {
    super(message);
    this.name = "JsonCallError";
    this.code = code;
    this.violations = violations;
  }
}
