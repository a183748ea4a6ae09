import type { Plan } from "@apportion/solver";
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type {
  PlacementServiceServer,
  SolveRequest,
  SolveResponse,
  SolveStreamRequest,
  SolveStreamResponse,
  VerifyRequest,
  VerifyResponse,
} from "../../gen/apportion/v1/placement.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Placement } from "../../ports/placement.ts";
import { answer } from "./answer.ts";
import type { CallError } from "./call-error.ts";
import { liveCalls } from "./live-calls.ts";
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
  /** Absent where the service was started without a fleet. */
  live: Live | undefined;
  /** Fires when the service stops: running solves then answer with their best plan. */
  stopping: AbortSignal;
}

interface Handlers
  extends UntypedServiceImplementation,
    Pick<PlacementServiceServer, "getPlan" | "watchPlan" | "getStatus" | "whatIf" | "getFleet" | "listPlans"> {
  solve: handleUnaryCall<OrBytes<SolveRequest>, OrBytes<SolveResponse>>;
  solveStream: handleServerStreamingCall<OrBytes<SolveStreamRequest>, OrBytes<SolveStreamResponse>>;
  verify: handleUnaryCall<OrBytes<VerifyRequest>, OrBytes<VerifyResponse>>;
}

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** The handlers of `apportion.v1.PlacementService`. */
export function placementService(deps: PlacementServiceDeps): Handlers {
  const { placement, messages, gate, log } = deps;
  return {
    ...liveCalls(deps),
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
