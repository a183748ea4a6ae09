import { type sendUnaryData, status } from "@grpc/grpc-js";
import type { Log } from "../../ports/log.ts";
import { CallError } from "./call-error.ts";
import { MAX_ERROR_MESSAGE_CHARS } from "./limits.ts";

/** Runs a handler, logs one line, and turns whatever it throws into a status. */
export async function answer<T>(
  log: Log,
  method: string,
  callback: sendUnaryData<T>,
  work: (fields: Record<string, unknown>) => Promise<T>,
): Promise<void> {
  const startMs = performance.now();
  const fields: Record<string, unknown> = { method };
  try {
    const response = await work(fields);
    log.info({ ...fields, code: "OK", ms: elapsed(startMs) }, "call");
    callback(null, response);
  } catch (error) {
    const failure = toCallError(error);
    const line = { ...fields, code: status[failure.code], ms: elapsed(startMs) };
    if (failure.code === status.INTERNAL) log.error({ ...line, ...faultFields(error) }, "internal error");
    else log.info(line, "call");
    callback(failure);
  }
}

/** Of an internal error: where it arose. What the checker found names parts of the problem, so it goes to the caller only. */
function faultFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  const message = error.name === "UnverifiedPlanError" ? undefined : error.message.slice(0, MAX_ERROR_MESSAGE_CHARS);
  return { error: error.name, message, stack: frames.map((frame) => frame.trim()) };
}

function elapsed(startMs: number): number {
  return Math.round(performance.now() - startMs);
}

/** Codes of the errors that inner rooms throw, by name; their messages are for the caller. */
const CODES: Record<string, status> = {
  UnverifiedPlanError: status.INTERNAL,
  EngineError: status.INVALID_ARGUMENT,
  ProblemTooLargeError: status.RESOURCE_EXHAUSTED,
  IngestFullError: status.RESOURCE_EXHAUSTED,
  NotDurableError: status.UNAVAILABLE,
  NotLeaderError: status.UNAVAILABLE,
  NoPlanYetError: status.UNAVAILABLE,
  NoFleetError: status.FAILED_PRECONDITION,
  StaleApprovalError: status.FAILED_PRECONDITION,
  UnknownNameError: status.NOT_FOUND,
};

function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  const code = error instanceof Error ? CODES[error.name] : undefined;
  if (error instanceof Error && code !== undefined) return new CallError(code, error.message);
  return new CallError(status.INTERNAL, "internal error; the log of the service says more");
}
