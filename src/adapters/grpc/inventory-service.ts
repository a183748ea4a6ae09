import type { InventoryServiceServer, ReportInventoryStreamRequest } from "../../gen/apportion/v1/inventory.ts";
import type { InventoryValue } from "../../ports/ingest.ts";
import { answer } from "./answer.ts";
import type { ReportServiceDeps } from "./demand-service.ts";
import { nodeMessage, readInventoryReport } from "./inventory-report.ts";
import { takeStream } from "./report-stream.ts";
import { ackMessage, sourceMessage } from "./report-view.ts";

/** The handlers of `apportion.v1.InventoryService`. */
export function inventoryService({ intake, staleAfterMs, log }: ReportServiceDeps): InventoryServiceServer {
  return {
    reportInventory: (call, callback) =>
      answer(log, "ReportInventory", callback, async () => ({
        ack: ackMessage(await intake.report(readInventoryReport(call.request.report, Date.now()))),
      })),
    reportInventoryStream: (call, callback) =>
      answer(log, "ReportInventoryStream", callback, async () => ({
        counts: await takeStream<ReportInventoryStreamRequest>(
          call,
          intake,
          (message) => readInventoryReport(message.report, Date.now()),
          () => undefined,
        ),
      })),
    listInventory: (_call, callback) =>
      answer(log, "ListInventory", callback, async () => ({
        nodes: intake.entries().flatMap((entry) => (entry.value as InventoryValue).nodes.map(nodeMessage)),
        sources: intake.sources().map((state) => sourceMessage(state, Date.now(), staleAfterMs())),
      })),
  };
}
