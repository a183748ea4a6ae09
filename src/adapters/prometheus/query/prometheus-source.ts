import pMap from "p-map";
import type { SignalWarning } from "../../../ports/signals.ts";
import { emptyReadings, type SystemReadings } from "../assemble/readings.ts";
import { fillIn, type QueryParameters } from "../catalog/promql.ts";
import type { LabelNames, Matcher } from "../catalog/types.ts";
import type { AskedSystem } from "../config/plan.ts";
import type { PrometheusSourceConfig } from "../config/schema.ts";
import { HttpClient } from "../http/client.ts";
import type { ReadSource, SourceReading } from "../source.ts";
import type { Row } from "./answer.ts";
import { instantQuery } from "./api.ts";
import { readRows } from "./read-rows.ts";
import { readActivity, readHeartbeats, readResets } from "./read-times.ts";

/** Clocks further apart than this are worth a warning: samples then look older or newer than they are. */
const CLOCK_SKEW_MS = 5000;

/** One question, and where its rows go. */
interface Question {
  name: string;
  promql: string;
  take(rows: Row[]): SignalWarning[];
}

/** Asks one Prometheus (or what speaks its API) for all systems; the number of questions does not depend on the workloads. */
export function prometheusSource(
  config: PrometheusSourceConfig,
  asked: readonly AskedSystem[],
  labels: LabelNames,
  times: Omit<QueryParameters, "matchers">,
): ReadSource {
  const client = new HttpClient(config);
  const matchers = Object.entries(config.matchers).map(([label, value]): Matcher => [label, "=", value]);
  const parameters = { ...times, matchers };

  async function ask({ name, promql, take }: Question, nowMs: number): Promise<SignalWarning[]> {
    try {
      const { rows, warnings, aheadMs } = await instantQuery(client, config, fillIn(promql, parameters), nowMs);
      const said = warnings.map((message): SignalWarning => {
        return { source: config.name, subject: name, code: "PartialResponse", message };
      });
      return [...said, ...skew(config.name, aheadMs), ...take(rows)];
    } catch (error) {
      return [{ source: config.name, subject: name, code: "SourceFailed", message: (error as Error).message }];
    }
  }

  return {
    name: config.name,
    async read(_targets, nowMs): Promise<SourceReading> {
      const readings = asked.map(({ system, queries }) => emptyReadings(system, queries, config.name));
      try {
        await client.refresh();
      } catch (error) {
        return {
          readings,
          warnings: [{ source: config.name, code: "SourceFailed", message: (error as Error).message }],
        };
      }
      const questions = readings.flatMap((into, index) => questionsOf(into, asked[index]!, labels));
      const width = { concurrency: config.concurrency };
      const warnings = await pMap(questions, (question) => ask(question, nowMs), width);
      return { readings, warnings: warnings.flat() };
    },
    close: () => client.close(),
  };
}

function questionsOf(into: SystemReadings, asked: AskedSystem, labels: LabelNames): Question[] {
  const { name } = into.system;
  const time = (what: string, promql: string | undefined, read: typeof readHeartbeats): Question[] => {
    if (promql === undefined) return [];
    const take = (rows: Row[]) => {
      read(into, rows, labels);
      return [];
    };
    return [{ name: `${name}/${what}`, promql, take }];
  };
  return [
    ...time("heartbeat", asked.heartbeat, readHeartbeats),
    ...time("resets", asked.resets, readResets),
    ...time("lastActivity", asked.lastActivity, readActivity),
    ...into.queries.map((query) => ({
      name: query.name,
      promql: query.promql,
      take: (rows: Row[]) => readRows(into, query, rows, labels),
    })),
  ];
}

function skew(source: string, aheadMs: number): SignalWarning[] {
  if (Math.abs(aheadMs) <= CLOCK_SKEW_MS) return [];
  const message = `its clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? "ahead" : "behind"}`;
  return [{ source, code: "ClockSkew", message }];
}
