import { plot } from "asciichart";
import type { CurvePoint, SizedReplica, SizedReplicas } from "../../app/size-replicas.ts";
import type { LatencyTarget } from "../../model/sizing/types.ts";
import type { SloTargets } from "../../snapshot/profile.ts";
import type { Output } from "../context.ts";
import { LATENCY_NAMES, millisecondsText, sizeWidth } from "./size-view.ts";
import { decimal, printable } from "./text.ts";

const HEIGHT = 10;
const LABEL = 9;
/** A latency is drawn up to this many times its target, or its value without load. */
const MOST_TARGETS = 2;
const MOST_UNLOADED = 10;

/** Percentile against rate for each latency that has a target (without any: TTFT and ITL), one chart below the other. */
export function latencyCharts({ replicas, slo }: SizedReplicas, out: Output): string {
  const width = sizeWidth(out);
  return replicas.flatMap((replica) => chartsOf(replica, slo, width)).join("");
}

function chartsOf(replica: SizedReplica, slo: SloTargets, width: number): string[] {
  const { curve } = replica;
  if (curve === undefined) return [`\n${printable(replica.name)}: a profile of means has no curve of percentiles\n`];
  const names = (Object.keys(LATENCY_NAMES) as LatencyTarget[]).filter((name) => curve[0]?.[name] !== undefined);
  const asked = names.filter((name) => (slo[name] ?? 0) > 0);
  const drawn = asked.length > 0 ? asked : names.filter((name) => name === "ttftMs" || name === "itlMs");
  return drawn.map((name) => chart(replica, name, curve, slo[name] ?? 0, width));
}

function chart(
  replica: SizedReplica,
  name: LatencyTarget,
  curve: readonly CurvePoint[],
  target: number,
  width: number,
): string {
  const columns = Math.max(10, width - LABEL - 4);
  const values = curve.map((point) => point[name] ?? 0);
  const top = target > 0 ? Math.max(MOST_TARGETS * target, values[0] ?? 0) : MOST_UNLOADED * (values[0] ?? 1);
  const line = Array.from({ length: columns }, (_, x) => Math.min(top, interpolated(values, x / (columns - 1))));
  const series = target > 0 ? [line.map(() => target), line] : [line];
  const format = (value: number) => millisecondsText(value).padStart(LABEL);
  const drawing = plot(series, { height: HEIGHT, min: 0, format });
  const last = curve.at(-1)?.ratePerSecond ?? 0;
  const first = curve[0]?.ratePerSecond ?? 0;
  const p = replica.statistic === "mean" ? "mean" : `p${decimal(replica.statistic * 100)}`;
  const title = `${printable(replica.name)}: ${p} of ${LATENCY_NAMES[name]}, ms${target > 0 ? `, and its target of ${millisecondsText(target)}` : ""}`;
  return `\n${title}\n${drawing.replaceAll(/ +$/gm, "")}\n${axis(first, last, columns)}\n`;
}

/** Value at a share of the way along. */
function interpolated(values: readonly number[], share: number): number {
  const at = share * (values.length - 1);
  const low = values[Math.floor(at)] ?? 0;
  const high = values[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

function axis(first: number, last: number, columns: number): string {
  const left = decimal(first, 2);
  const right = `${decimal(last, 2)} requests/s`;
  return `${" ".repeat(LABEL + 1)}${left}${" ".repeat(Math.max(1, columns - left.length - right.length))}${right}`;
}
