import type { EngineName, SolveOptions } from "@apportion/solver";
import type { Violation } from "../../domain/violation.ts";
import type * as message from "../../gen/apportion/v1/placement.ts";
import type { Duration } from "../../gen/google/protobuf/duration.ts";
import { engines } from "./enums.ts";
import {
  DEADLINE_MARGIN_SHARE,
  MAX_DEADLINE_MARGIN_MS,
  MAX_THREADS,
  MAX_TIME_LIMIT_MS,
  MIN_DEADLINE_MARGIN_MS,
} from "./limits.ts";

/** What a caller asked for, as options of the solver; what is not set is left to its defaults. */
export function solveOptionsFromMessage(
  options: message.SolveOptions | undefined,
  violations: Violation[],
): SolveOptions {
  if (options === undefined) return {};
  const result: SolveOptions = { cures: options.cures };
  const engine = engines.toWord(options.engine);
  if (engine === "UNRECOGNIZED") {
    violations.push(violation("engine", engine, "must be a known engine", "ask for ENGINE_AUTO"));
  } else if (engine !== undefined) {
    result.engine = engine as EngineName;
  }
  if (options.timeLimit !== undefined) {
    const ms = durationMs(options.timeLimit);
    if (ms > 0 && ms <= MAX_TIME_LIMIT_MS) result.timeLimitMs = ms;
    else violations.push(violation("timeLimit", `${ms / 1000}s`, "must be more than 0 and at most 1 h", "ask for 10s"));
  }
  if (options.gap !== undefined) {
    if (options.gap >= 0 && options.gap < 1) result.gap = options.gap;
    else violations.push(violation("gap", options.gap, "must be at least 0 and below 1", "ask for 0.001"));
  }
  if (options.threads !== undefined) {
    if (options.threads >= 1 && options.threads <= MAX_THREADS) result.threads = options.threads;
    else violations.push(violation("threads", options.threads, `must be 1 to ${MAX_THREADS}`, "leave it out"));
  }
  return result;
}

function violation(name: string, value: number | string, rule: string, fix: string): Violation {
  return { path: `options.${name}`, value: String(value), rule, fix };
}

function durationMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** The time that is left for the solve before a deadline, in ms; not positive where nothing is. `deadlineMs` as `Date.now`. */
export function timeUntil(deadlineMs: number, nowMs: number): number {
  const left = deadlineMs - nowMs;
  const margin = Math.min(MAX_DEADLINE_MARGIN_MS, Math.max(MIN_DEADLINE_MARGIN_MS, left * DEADLINE_MARGIN_SHARE));
  return left - margin;
}
