import { ALTERNATIVE_LABEL, SUM_LE } from "../catalog/promql.ts";
import type { Matcher, Reading, ServingSystem } from "../catalog/types.ts";
import type { Row } from "../query/answer.ts";
import { rateOf, type Series, slopeOf } from "./history.ts";

/** Labels that a Prometheus would have added to what it scrapes of the pod. */
export type PodLabels = Record<string, string>;

/** What a Prometheus would answer to the query of a reading, from the series of one pod. */
export function rowsOf(
  reading: Reading,
  { modelLabels = [] }: ServingSystem,
  series: ReadonlyMap<string, Series[]>,
  pod: PodLabels,
): Row[] {
  if (reading.kind === "histogram") return histogramRows(reading, modelLabels, series, pod);
  // Each model by the first name that it has, as `or` in PromQL does it.
  const found = new Map<string, Row>();
  for (const metric of reading.metrics) {
    const groups = Map.groupBy(matching(series.get(metric), reading.where), ({ labels }) => keyOf(modelLabels, labels));
    for (const [key, group] of groups) {
      const values = group.flatMap((one) => valueNow(reading.kind, one) ?? []);
      if (values.length === 0 || found.has(key)) continue;
      found.set(key, row({ ...pod, ...modelOf(modelLabels, group[0]!.labels) }, within(values, reading.within)));
    }
  }
  return [...found.values()];
}

function histogramRows(
  { metrics, where }: Reading,
  modelLabels: readonly string[],
  series: ReadonlyMap<string, Series[]>,
  pod: PodLabels,
): Row[] {
  return metrics.flatMap((metric, index) => {
    const alternative = { [ALTERNATIVE_LABEL]: String(index) };
    const rates = (name: string, le: (labels: Record<string, string>) => string) => {
      const groups = Map.groupBy(matching(series.get(name), where), ({ labels }) =>
        JSON.stringify([keyOf(modelLabels, labels), le(labels)]),
      );
      return [...groups.values()].flatMap((group) => {
        const values = group.flatMap((one) => rateOf(one)?.perSecond ?? []);
        const { labels } = group[0]!;
        const named = { ...pod, ...modelOf(modelLabels, labels), ...alternative, le: le(labels) };
        return values.length === 0 ? [] : [row(named, within(values, "sum"))];
      });
    };
    return [...rates(`${metric}_bucket`, (labels) => labels.le ?? ""), ...rates(`${metric}_sum`, () => SUM_LE)];
  });
}

function valueNow(kind: Reading["kind"], series: Series): number | undefined {
  if (kind === "counter") return rateOf(series)?.perSecond;
  if (kind === "derivative") return slopeOf(series);
  return series.points.at(-1)?.value;
}

function within(values: readonly number[], how: Reading["within"] = "sum"): number {
  if (how === "max") return Math.max(...values);
  const sum = values.reduce((total, value) => total + value, 0);
  return how === "avg" ? sum / values.length : sum;
}

const row = (metric: Record<string, string>, value: number): Row => ({ metric, value: [0, numberText(value)] });

/** As Prometheus writes it. */
function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

const modelOf = (modelLabels: readonly string[], labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(modelLabels.flatMap((label) => (labels[label] === undefined ? [] : [[label, labels[label]]])));

const keyOf = (modelLabels: readonly string[], labels: Record<string, string>): string =>
  JSON.stringify(modelLabels.map((label) => labels[label] ?? null));

function matching(series: readonly Series[] = [], where: readonly Matcher[] = []): Series[] {
  return series.filter(({ labels }) => where.every((matcher) => matches(matcher, labels)));
}

function matches([label, operator, value]: Matcher, labels: Record<string, string>): boolean {
  const actual = labels[label] ?? "";
  switch (operator) {
    case "=":
      return actual === value;
    case "!=":
      return actual !== value;
    case "=~":
      return new RegExp(`^(?:${value})$`).test(actual);
    case "!~":
      return !new RegExp(`^(?:${value})$`).test(actual);
  }
}
