import { styleText } from "node:util";
import type { SizedReplica, SizedReplicas } from "../../app/size-replicas.ts";
import type { LatencyTarget } from "../../model/sizing/types.ts";
import type { Output } from "../context.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import { decimal, percent } from "./text.ts";

const FALLBACK_WIDTH = 80;
const MAX_WIDTH = 160;

export const LATENCY_NAMES: Record<LatencyTarget, string> = {
  ttftMs: "TTFT",
  itlMs: "ITL",
  tpotMs: "TPOT",
  endToEndMs: "end to end",
};

const BINDINGS = { ...LATENCY_NAMES, tps: "token rate", throughput: "throughput" };

export function sizeWidth(out: Output): number {
  return Math.min(MAX_WIDTH, out.columns || FALLBACK_WIDTH);
}

/** Capacity and latencies of each replica, as wide as `out` is; ends in a newline. */
export function sizeView({ replicas }: SizedReplicas, out: Output): string {
  const columns: Column[] = [
    { title: "Replica", shrinkTo: 10 },
    { title: "Requests/s", align: "right" },
    { title: "Bound by" },
    ...Object.values(LATENCY_NAMES).map((name) => ({ title: name, align: "right" as const })),
    { title: "Batch", align: "right" },
    { title: "Load", align: "right" },
    { title: "KV", align: "right" },
  ];
  const rows: Row[] = replicas.flatMap((replica) => [
    cells(replica),
    ...(replica.unreachable === undefined ? [] : [{ note: unreachableText(replica) }]),
  ]);
  const statistics = new Set(replicas.map(statisticText));
  const heading = styleText("bold", "Capacity of one replica inside its SLO", { stream: out });
  const note = `Latencies in ms, ${[...statistics].join(" or ")}, at that rate.`;
  return `${heading}\n${renderTable(columns, rows, sizeWidth(out))}\n${note}\n`;
}

function cells(replica: SizedReplica): string[] {
  const { latencies, capacityPerSecond, binding, batchSize, utilization, kvCacheUse } = replica;
  const shown = (value: number | undefined, text: (value: number) => string) =>
    value === undefined ? "–" : text(value);
  return [
    replica.role === "both" ? replica.name : `${replica.name} (${replica.role})`,
    shown(capacityPerSecond, (rate) => decimal(rate, 3)),
    binding === undefined ? "out of reach" : BINDINGS[binding],
    ...(Object.keys(LATENCY_NAMES) as LatencyTarget[]).map((name) => shown(latencies?.[name], millisecondsText)),
    shown(batchSize, (value) => decimal(value, 1)),
    shown(utilization, percent),
    shown(kvCacheUse, percent),
  ];
}

function unreachableText({ unreachable, statistic }: SizedReplica): string {
  if (unreachable === undefined) return "";
  const { target, askedMs, bestMs } = unreachable;
  const what = statistic === "mean" ? "mean" : `p${decimal(statistic * 100)}`;
  return `${what} of ${LATENCY_NAMES[target]}: ${millisecondsText(askedMs)} ms is asked, ${millisecondsText(bestMs)} ms is the best, at next to no load`;
}

function statisticText({ statistic }: SizedReplica): string {
  return statistic === "mean" ? "means" : `the ${decimal(statistic * 100)}th percentile`;
}

/** Four digits: the model is no better. */
export function millisecondsText(value: number): string {
  return decimal(value, value < 100 ? 1 : 0);
}
