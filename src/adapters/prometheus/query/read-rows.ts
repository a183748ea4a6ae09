import type { SignalWarning } from "../../../ports/signals.ts";
import { readingsOf, type SubjectReadings, type SystemReadings, subjectKey } from "../assemble/readings.ts";
import { ALTERNATIVE_LABEL, SUM_LE } from "../catalog/promql.ts";
import type { LabelNames, RecordedQuery } from "../catalog/types.ts";
import { fromCumulative, type Histogram, scaled } from "../histogram/histogram.ts";
import { fromNative } from "../histogram/native.ts";
import { type Row, toNumber } from "./answer.ts";

/** Rows of one query put where they belong. What cannot be is refused here, and said once for each query. */
export function readRows(
  readings: SystemReadings,
  query: RecordedQuery,
  rows: readonly Row[],
  labels: LabelNames,
): SignalWarning[] {
  const names = { ...labels, ...query.labels };
  const refused: string[] = [];
  if (query.reading.kind === "histogram") readHistograms(readings, query, rows, names, refused);
  else readNumbers(readings, query, rows, names, refused);
  if (refused.length === 0) return [];
  const message = `${refused.length} of ${rows.length} values refused, the first: ${refused[0]}`;
  return [{ source: readings.source, subject: query.name, code: "Rejected", message }];
}

/** Where a row belongs; undefined where it names no subject. */
export function subjectOf(
  readings: SystemReadings,
  metric: Readonly<Record<string, string>>,
  names: LabelNames,
): { key: string; readings: SubjectReadings } | undefined {
  const { subject, modelLabels } = readings.system;
  const name = firstLabel(metric, subject === "model" ? names.model : names[subject]);
  if (name === undefined) return undefined;
  const key = subjectKey(subject, firstLabel(metric, names.namespace) ?? "", name);
  const model = (modelLabels === undefined ? undefined : firstLabel(metric, modelLabels)) ?? "";
  return { key, readings: readingsOf(readings, key, model) };
}

function firstLabel(metric: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = metric[name];
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}

/** Why a number cannot be meant; undefined where it can. */
export function numberFault(value: number, signed = false): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value < 0 && !signed) return "a negative number";
  return undefined;
}

function readNumbers(
  readings: SystemReadings,
  query: RecordedQuery,
  rows: readonly Row[],
  names: LabelNames,
  refused: string[],
): void {
  const { kind, scale = 1 } = query.reading;
  for (const { metric, value } of rows) {
    const subject = subjectOf(readings, metric, names);
    if (subject === undefined) continue;
    const number = value === undefined ? Number.NaN : toNumber(value[1]) * scale;
    const fault = numberFault(number, kind === "derivative");
    if (fault === undefined) {
      const { numbers } = subject.readings;
      // Rows that differ in labels that nobody asked for are parts of one subject.
      numbers.set(query.name, (numbers.get(query.name) ?? 0) + number);
    } else {
      subject.readings.rejected.set(query.name, fault);
      refused.push(`${fault} of ${subject.key}`);
    }
  }
}

/** Rows of one subject, model and name of the metric. */
interface HistogramRows {
  subject: { key: string; readings: SubjectReadings };
  alternative: number;
  bounds: { le: number; count: number }[];
  sum?: number;
  native?: Histogram;
}

function readHistograms(
  readings: SystemReadings,
  query: RecordedQuery,
  rows: readonly Row[],
  names: LabelNames,
  refused: string[],
): void {
  const groups = new Map<SubjectReadings, Map<string, HistogramRows>>();
  for (const row of rows) {
    const subject = subjectOf(readings, row.metric, names);
    if (subject === undefined) continue;
    const label = row.metric[ALTERNATIVE_LABEL] ?? "0";
    const alternatives = groups.get(subject.readings) ?? new Map<string, HistogramRows>();
    groups.set(subject.readings, alternatives);
    const group = alternatives.get(label) ?? { subject, alternative: Number(label), bounds: [] };
    alternatives.set(label, group);
    addRow(group, row);
  }
  const { scale = 1 } = query.reading;
  for (const alternatives of groups.values()) {
    const found = [...alternatives.values()].sort((a, b) => a.alternative - b.alternative);
    const group = found.find(({ bounds, native }) => bounds.length > 0 || native !== undefined);
    if (group === undefined) continue;
    const histogram = group.native ?? fromCumulative(group.bounds, group.sum);
    const fault = histogramFault(histogram, group.bounds);
    if (fault === undefined) {
      group.subject.readings.histograms.set(query.name, scaled(histogram, scale));
    } else {
      group.subject.readings.rejected.set(query.name, fault);
      refused.push(`${fault} of ${group.subject.key}`);
    }
  }
}

function addRow(group: HistogramRows, { metric, value, histogram }: Row): void {
  if (histogram !== undefined) {
    group.native = fromNative(histogram[1]);
    return;
  }
  const number = value === undefined ? Number.NaN : toNumber(value[1]);
  if (metric.le === undefined) return;
  if (metric.le === SUM_LE) group.sum = number;
  else group.bounds.push({ le: toNumber(metric.le), count: number });
}

function histogramFault(
  { buckets, count, sum }: Histogram,
  bounds: readonly { le: number; count: number }[],
): string | undefined {
  if (bounds.some(({ le }) => Number.isNaN(le))) return "a bucket without a number in le";
  if (buckets.some(({ upper, lower }) => upper <= 0 && lower < 0)) return "an observation below zero";
  const numbers = [count, ...(sum === undefined ? [] : [sum]), ...buckets.map((bucket) => bucket.count)];
  const faults = [...numbers, ...bounds.map((bound) => bound.count)].map((number) => numberFault(number));
  return faults.find((fault) => fault !== undefined);
}
