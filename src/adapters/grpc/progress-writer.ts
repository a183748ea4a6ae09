import type { Progress } from "@apportion/solver";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { SolveStreamRequest, SolveStreamResponse } from "../../gen/apportion/v1/placement.ts";
import { PROGRESS_INTERVAL_MS } from "./limits.ts";
import type { OrBytes } from "./service-definition.ts";

/**
 * Writes progress to a stream, at most one message an interval and none while the client is behind. The first of a stage
 * is always written, where the client keeps up.
 */
export function progressWriter(
  call: ServerWritableStream<OrBytes<SolveStreamRequest>, OrBytes<SolveStreamResponse>>,
): (progress: Progress) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastStage = "";
  let behind = false;
  call.on("drain", () => {
    behind = false;
  });
  return (progress) => {
    const now = performance.now();
    if (behind || (progress.stage === lastStage && now - lastMs < PROGRESS_INTERVAL_MS)) return;
    lastMs = now;
    lastStage = progress.stage;
    behind = !call.write({ event: { $case: "progress", value: progress } });
  };
}
