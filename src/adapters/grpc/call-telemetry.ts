import { ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import type { CallTelemetry } from "../../ports/telemetry.ts";

/** Counts calls as they end, whoever ends them. Stands before all other interceptors, so that it sees what they answer. */
export function callTelemetryInterceptor(telemetry: CallTelemetry): ServerInterceptor {
  return (method, call) => {
    const startMs = performance.now();
    const [, service = "", name = ""] = method.path.split("/");
    let ended = false;
    const end = (code: string): void => {
      if (ended) return;
      ended = true;
      telemetry.callEnded({ service, method: name, code, seconds: (performance.now() - startMs) / 1000 });
    };
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: () => end(isOver(call.getDeadline()) ? "DEADLINE_EXCEEDED" : "CANCELLED") }),
      sendStatus: (outcome, next) => {
        end(status[outcome.code ?? status.UNKNOWN] ?? "UNKNOWN");
        next(outcome);
      },
    });
  };
}

function isOver(deadline: Date | number): boolean {
  return Date.now() >= (deadline instanceof Date ? deadline.getTime() : deadline);
}
