import type {
  DemandServiceServer,
  ExchangeDemandRequest,
  ReportDemandStreamRequest,
} from "../../gen/apportion/v1/demand.ts";
import type { DemandValue, ReportIntake } from "../../ports/ingest.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import { answer } from "./answer.ts";
import { authorOf } from "./auth.ts";
import type { CallError } from "./call-error.ts";
import { readDemandReport } from "./demand-report.ts";
import { takeStream } from "./report-stream.ts";
import { ackMessage, isStale, sourceMessage } from "./report-view.ts";

export interface ReportServiceDeps {
  intake: ReportIntake;
  live: Live;
  staleAfterMs: () => number;
  nowMs: () => number;
  log: Log;
}

/** The handlers of `apportion.v1.DemandService`. */
export function demandService({ intake, live, staleAfterMs, nowMs, log }: ReportServiceDeps): DemandServiceServer {
  return {
    reportDemand: (call, callback) =>
      answer(log, "ReportDemand", callback, async () => ({
        ack: ackMessage(await intake.report(readDemandReport(call.request.report, nowMs()))),
      })),
    reportDemandStream: (call, callback) =>
      answer(log, "ReportDemandStream", callback, async () => ({
        counts: await takeStream<ReportDemandStreamRequest>(
          call,
          intake,
          (message) => readDemandReport(message.report, nowMs()),
          () => undefined,
        ),
      })),
    exchangeDemand: async (call) => {
      await answer(
        log,
        "ExchangeDemand",
        (error) => error && call.emit("error", error as CallError),
        async () => {
          await takeStream<ExchangeDemandRequest>(
            call,
            intake,
            (message) => readDemandReport(message.report, nowMs()),
            (ack) => call.write({ ack: ackMessage(ack) }),
          );
          call.end();
        },
      );
    },
    forgetSource: (call, callback) =>
      answer(log, "ForgetSource", callback, async () => {
        const { source, reason, author } = call.request;
        await live.forgetSource("demand", source, reason, authorOf(call, author));
        return {};
      }),
    listDemand: (_call, callback) =>
      answer(log, "ListDemand", callback, async () => {
        const askedAtMs = nowMs();
        const staleMs = staleAfterMs();
        return {
          demands: intake.entries().map((entry) => {
            const value = entry.value as DemandValue;
            return {
              source: entry.source,
              demand: { workload: entry.subject, requestsPerSecond: value.ratePerSecond, tokenMix: value.tokenMix },
              stale: isStale(entry.receivedAtMs, askedAtMs, staleMs),
            };
          }),
          sources: intake.sources().map((state) => sourceMessage(state, askedAtMs, staleMs)),
        };
      }),
  };
}
