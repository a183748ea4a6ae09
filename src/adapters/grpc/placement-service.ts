import type { Plan, VerifyReport } from "@apportion/solver";
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { PlacementServiceServer, VerifyFinding, VerifyResponse } from "../../gen/apportion/v1/placement.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Placement } from "../../ports/placement.ts";
import { answer } from "./answer.ts";
import type { CallError } from "./call-error.ts";
import { certificateMethods } from "./enums.ts";
import { liveCalls } from "./live-calls.ts";
import { planToMessage } from "./plan-to-message.ts";
import { progressWriter } from "./progress-writer.ts";
import { readVerifyRequest } from "./requests.ts";
import { solveCall } from "./solve-call.ts";
import type { SolveGate } from "./solve-gate.ts";

export interface PlacementServiceDeps {
  placement: Placement;
  gate: SolveGate;
  log: Log;
  /** Absent where the service was started without a fleet. */
  live: Live | undefined;
  /** Fires when the service stops: running solves then answer with their best plan. */
  stopping: AbortSignal;
}

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** The handlers of `apportion.v1.PlacementService`. */
export function placementService(deps: PlacementServiceDeps): PlacementServiceServer {
  const { placement, gate, log } = deps;
  return {
    ...liveCalls(deps),
    solve: (call, callback) =>
      answer(log, "Solve", callback, async (fields) => {
        const plan = await solveCall(placement, gate, call.request, callLimits(call, deps.stopping));
        Object.assign(fields, planFields(plan));
        return { plan: planToMessage(plan) };
      }),
    solveStream: async (call) => {
      const fail = (error: CallError): void => void call.emit("error", error);
      await answer(
        log,
        "SolveStream",
        (error) => error && fail(error as CallError),
        async (fields) => {
          const limits = { ...callLimits(call, deps.stopping), onProgress: progressWriter(call) };
          const plan = await solveCall(placement, gate, call.request, limits);
          Object.assign(fields, planFields(plan));
          call.write({ event: { $case: "plan", value: planToMessage(plan) } });
          call.end();
        },
      );
    },
    verify: (call, callback) =>
      answer(log, "Verify", callback, async (fields) => {
        const { problem, plan } = readVerifyRequest(placement, call.request);
        const report = placement.verify(problem, plan);
        Object.assign(fields, { ok: report.ok, findings: report.findings.length });
        return verifyResponse(report);
      }),
  };
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

function verifyResponse(report: VerifyReport): VerifyResponse {
  return {
    ok: report.ok,
    findings: report.findings.map(
      ({ subject, message, expected, actual }): VerifyFinding => ({
        subject,
        message,
        expected:
          typeof expected === "number"
            ? { $case: "expectedNumber", value: expected }
            : { $case: "expectedText", value: expected },
        actual:
          typeof actual === "number"
            ? { $case: "actualNumber", value: actual }
            : { $case: "actualText", value: actual },
      }),
    ),
    bounds: report.bounds.map((bound) => ({ ...bound, method: certificateMethods.toMessage(bound.method) })),
  };
}
