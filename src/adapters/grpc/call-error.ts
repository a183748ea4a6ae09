import { Metadata, status } from "@grpc/grpc-js";
import type { Violation } from "../../domain/violation.ts";
import { FieldViolation, FieldViolations } from "../../gen/apportion/v1/errors.ts";
import { BadRequest, BadRequest_FieldViolation } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import { MAX_ERROR_DETAIL_BYTES, MAX_ERROR_MESSAGE_CHARS } from "./limits.ts";

/** A call that ends with a status other than OK; grpc-js sends `code`, `details` and `metadata` as they are. */
export class CallError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, metadata = new Metadata()) {
    super(details);
    this.name = "CallError";
    this.code = code;
    this.details = details.slice(0, MAX_ERROR_MESSAGE_CHARS);
    this.metadata = metadata;
  }
}

/**
 * INVALID_ARGUMENT with the violations in `grpc-status-details-bin`: as `google.rpc.BadRequest`, which common clients
 * print, and as `apportion.v1.FieldViolations`, which keeps path, value, rule and fix apart.
 */
export function invalidArgument(violations: Violation[]): CallError {
  const first = violations[0];
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more, see the details)` : "";
  const text = first === undefined ? "bad input" : `${first.path}: ${first.rule}; ${first.fix}${more}`;
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(statusDetails(text, violations)));
  return new CallError(status.INVALID_ARGUMENT, text, metadata);
}

/** As many violations as fit, and how many do not. */
function statusDetails(text: string, violations: Violation[]): Uint8Array {
  let room = MAX_ERROR_DETAIL_BYTES - text.length - ENVELOPE_BYTES;
  let count = 0;
  for (const violation of violations) {
    // Tag and length of a nested message take at most 4 bytes at these sizes.
    room -= FieldViolation.encode(violation).finish().length + 4;
    room -= BadRequest_FieldViolation.encode(toBadRequest(violation)).finish().length + 4;
    if (room < 0) break;
    count += 1;
  }
  const shown = violations.slice(0, count);
  const badRequest = BadRequest.encode({ fieldViolations: shown.map(toBadRequest) }).finish();
  const own = FieldViolations.encode({ violations: shown, omitted: violations.length - count }).finish();
  return Status.encode({
    code: status.INVALID_ARGUMENT,
    message: text.slice(0, MAX_ERROR_MESSAGE_CHARS),
    details: [
      { typeUrl: "type.googleapis.com/google.rpc.BadRequest", value: Buffer.from(badRequest) },
      { typeUrl: "type.googleapis.com/apportion.v1.FieldViolations", value: Buffer.from(own) },
    ],
  }).finish();
}

/** The two type URLs, tags and lengths around the violations. */
const ENVELOPE_BYTES = 200;

function toBadRequest(violation: Violation): BadRequest_FieldViolation {
  return { field: violation.path, description: `is ${violation.value}: ${violation.rule}; ${violation.fix}` };
}
