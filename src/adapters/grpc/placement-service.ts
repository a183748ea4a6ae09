import type { Plan } from "@apportion/solver";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type {
  SolveRequest,
  SolveResponse,
  SolveStreamRequest,
  SolveStreamResponse,
  VerifyRequest,
  VerifyResponse,
} from "../../gen/apportion/v1/placement.ts";
import type { Log } from "../../ports/log.ts";
import type { Placement } from "../../ports/placement.ts";
import { CallError } from "./call-error.ts";
import { MAX_ERROR_MESSAGE_CHARS } from "./limits.ts";
import type { Messages } from "./messages.ts";
import { progressWriter } from "./progress-writer.ts";
import type { OrBytes } from "./service-definition.ts";
import { solveCall } from "./solve-call.ts";
import type { SolveGate } from "./solve-gate.ts";

export interface PlacementServiceDeps {
  placement: Placement;
  messages: Messages;
  gate: SolveGate;
  log: Log;
  /** Fires when the service stops: running solves then answer with their best plan. */
  stopping: AbortSignal;
}

interface Handlers extends UntypedServiceImplementation {
  solve: handleUnaryCall<OrBytes<SolveRequest>, OrBytes<SolveResponse>>;
  solveStream: handleServerStreamingCall<OrBytes<SolveStreamRequest>, OrBytes<SolveStreamResponse>>;
  verify: handleUnaryCall<OrBytes<VerifyRequest>, OrBytes<VerifyResponse>>;
}

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** The handlers of `apportion.v1.PlacementService`. */
export function placementService(deps: PlacementServiceDeps): Handlers {
  const { placement, messages, gate, log } = deps;
  return {
    solve: (call, callback) =>
      answer(log, "Solve", callback, async (fields) => {
        const limits = callLimits(call, deps.stopping);
        const plan = await solveCall(placement, gate, await messages.readSolve(call.request), limits);
        Object.assign(fields, planFields(plan));
        return messages.solved(plan);
      }),
    solveStream: async (call) => {
      const fail = (error: CallError): void => void call.emit("error", error);
      await answer(
        log,
        "SolveStream",
        (error) => error && fail(error as CallError),
        async (fields) => {
          const limits = { ...callLimits(call, deps.stopping), onProgress: progressWriter(call) };
          const plan = await solveCall(placement, gate, await messages.readSolve(call.request), limits);
          Object.assign(fields, planFields(plan));
          call.write(await messages.streamed(plan));
          call.end();
        },
      );
    },
    verify: (call, callback) =>
      answer(log, "Verify", callback, async (fields) => {
        const { response, ...said } = await messages.verify(call.request);
        Object.assign(fields, said);
        return response;
      }),
  };
}

/** Runs a handler, logs one line, and turns whatever it throws into a status. */
async function answer<T>(
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

function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  if (error instanceof Error && error.name === "UnverifiedPlanError")
    return new CallError(status.INTERNAL, error.message);
  if (error instanceof Error && error.name === "EngineError") {
    return new CallError(status.INVALID_ARGUMENT, error.message);
  }
  if (error instanceof Error && error.name === "ProblemTooLargeError") {
    return new CallError(status.RESOURCE_EXHAUSTED, error.message);
  }
  return new CallError(status.INTERNAL, "internal error; the log of the service says more");
}

function callLimits(call: AnyCall, stopping: AbortSignal): { deadlineMs: number; signal: AbortSignal } {
  const cancelled = new AbortController();
  call.on("cancelled", () => cancelled.abort());
  const deadline = call.getDeadline();
  return {
    deadlineMs: deadline instanceof Date ? deadline.getTime() : deadline,
    signal: AbortSignal.any([cancelled.signal, stopping]),
  };
}

function planFields(plan: Plan): Record<string, unknown> {
  return {
    status: plan.status,
    gap: plan.objective.gap,
    engine: plan.engine,
    workloads: plan.workloads.length,
    stoppedAt: plan.stoppedAt,
  };
}
