import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type * as message from "../../gen/apportion/v1/live.ts";
import type { PlacementServiceServer } from "../../gen/apportion/v1/placement.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import { answer } from "./answer.ts";
import type { CallError } from "./call-error.ts";
import { fleetMessage, planSummaryMessage, plansLimit } from "./fleet-messages.ts";
import { livePlanMessage, readWhatIf, statusMessage } from "./live-messages.ts";
import { NoFleetError } from "./no-fleet-error.ts";
import { planToMessage } from "./plan-to-message.ts";
import type { SolveGate } from "./solve-gate.ts";

export interface LiveCallsDeps {
  /** Absent where the service was started without a fleet. */
  live: Live | undefined;
  /** What is only thought of takes its turn with the solves that callers ask for. */
  gate: SolveGate;
  log: Log;
  stopping: AbortSignal;
}

type LiveHandlers = Pick<
  PlacementServiceServer,
  "getPlan" | "watchPlan" | "getStatus" | "whatIf" | "getFleet" | "listPlans"
>;

/** The calls of `apportion.v1.PlacementService` that are about the running fleet. */
export function liveCalls({ live, gate, log, stopping }: LiveCallsDeps): LiveHandlers {
  const fleet = (): Live => {
    if (live === undefined) throw new NoFleetError();
    return live;
  };
  return {
    getPlan: (_call, callback) =>
      answer(log, "GetPlan", callback, async () => ({ plan: livePlanMessage(fleet().status().plan) })),
    watchPlan: (call) =>
      void answer(
        log,
        "WatchPlan",
        (error) => error && call.emit("error", error as CallError),
        async () => {
          await watchPlan(fleet(), call, stopping);
          call.end();
        },
      ),
    getStatus: (_call, callback) => answer(log, "GetStatus", callback, async () => statusMessage(fleet().status())),
    getFleet: (_call, callback) => answer(log, "GetFleet", callback, async () => fleetMessage(fleet().fleet())),
    listPlans: (call, callback) =>
      answer(log, "ListPlans", callback, async () => ({
        plans: fleet().plans(plansLimit(call.request)).map(planSummaryMessage),
      })),
    whatIf: (call, callback) =>
      answer(log, "WhatIf", callback, async () => {
        const changes = readWhatIf(call.request);
        const signal = cancelled(call, stopping);
        const { before, after } = await gate.run(() => fleet().whatIf(changes, signal), signal);
        return { before: planToMessage(before), after: planToMessage(after) };
      }),
  };
}

/** Writes every new plan until the client or the service ends; while the client reads slowly only the newest waits. */
function watchPlan(
  live: Live,
  call: ServerWritableStream<message.WatchPlanRequest, message.WatchPlanResponse>,
  stopping: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let newest: message.LivePlan | undefined;
  let full = false;
  const send = (): void => {
    while (newest !== undefined && !full) {
      const plan = newest;
      newest = undefined;
      full = !call.write({ plan });
    }
  };
  call.on("drain", () => {
    full = false;
    send();
  });
  const unwatch = live.watch(Number(call.request.afterRevision), (plan) => {
    newest = livePlanMessage(plan);
    send();
  });
  const end = (): void => {
    unwatch();
    stopping.removeEventListener("abort", end);
    resolve();
  };
  call.on("cancelled", end);
  call.on("close", end);
  stopping.addEventListener("abort", end);
  return promise;
}

export function cancelled(call: ServerUnaryCall<unknown, unknown>, stopping: AbortSignal): AbortSignal {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  return AbortSignal.any([controller.signal, stopping]);
}
