import type { InventoryServiceServer, ReportInventoryStreamRequest } from "../../gen/apportion/v1/inventory.ts";
import type { InventoryValue } from "../../ports/ingest.ts";
import { answer } from "./answer.ts";
import { authorOf } from "./auth.ts";
import type { ReportServiceDeps } from "./demand-service.ts";
import { nodeMessage, readInventoryReport } from "./inventory-report.ts";
import { takeStream } from "./report-stream.ts";
import { ackMessage, sourceMessage } from "./report-view.ts";

/** The handlers of `apportion.v1.InventoryService`. */
export function inventoryService({
  intake,
  live,
  staleAfterMs,
  nowMs,
  log,
}: ReportServiceDeps): InventoryServiceServer {
  return {
    reportInventory: (call, callback) =>
      answer(log, "ReportInventory", callback, async () => ({
        ack: ackMessage(await intake.report(readInventoryReport(call.request.report, nowMs()))),
      })),
    reportInventoryStream: (call, callback) =>
      answer(log, "ReportInventoryStream", callback, async () => ({
        counts: await takeStream<ReportInventoryStreamRequest>(
          call,
          intake,
          (message) => readInventoryReport(message.report, nowMs()),
          () => undefined,
        ),
      })),
    forgetInventorySource: (call, callback) =>
      answer(log, "ForgetInventorySource", callback, async () => {
        const { source, reason, author } = call.request;
        await live.forgetSource("inventory", source, reason, authorOf(call, author));
        return {};
      }),
    listInventory: (_call, callback) =>
      answer(log, "ListInventory", callback, async () => ({
        nodes: intake.entries().flatMap((entry) => (entry.value as InventoryValue).nodes.map(nodeMessage)),
        sources: intake.sources().map((state) => sourceMessage(state, nowMs(), staleAfterMs())),
      })),
  };
}
