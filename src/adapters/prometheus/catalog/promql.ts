import type { LabelNames, Matcher, Reading, RecordedQuery, ServingSystem, SubjectKind } from "./types.ts";

/** Told apart by this label in a result: alternative names of a histogram, whose buckets must not mix. */
export const ALTERNATIVE_LABEL = "alternative";

/** The value of `le` on a row that carries the sum of the observations. */
export const SUM_LE = "sum";

/** What `$…` stands for in a query. */
export interface QueryParameters {
  windowMs: number;
  lookbackMs: number;
  /** Conditions on every series, such as `cluster="east"`. */
  matchers: readonly Matcher[];
}

/**
 * Labels that make a subject, all names of each: those that a series does not have fall away. Queues and groups of a broker
 * belong to no namespace, and several exporters may tell of one.
 */
function groupingOf(subject: SubjectKind, labels: LabelNames, modelLabels: readonly string[] = []): string[] {
  const global = subject === "queue" || subject === "consumerGroup";
  return [...new Set([...(global ? [] : labels.namespace), ...labels[subject], ...modelLabels])];
}

/** How a recorded or generated query becomes PromQL. */
export function fillIn(promql: string, { windowMs, lookbackMs, matchers }: QueryParameters): string {
  return promql
    .replaceAll("$window", `${windowMs}ms`)
    .replaceAll("$lookback", `${lookbackMs}ms`)
    .replaceAll("$step", `${Math.max(1000, Math.ceil(lookbackMs / HEARTBEAT_STEPS))}ms`)
    .replaceAll("$matchers", matchers.map(matcherText).join(","));
}

const matcherText = ([label, operator, value]: Matcher): string => `${label}${operator}${JSON.stringify(value)}`;

function selector(metric: string, where: readonly Matcher[] = []): string {
  const conditions = [...where.map(matcherText), "$matchers"];
  return `${metric}{${conditions.join(",")}}`;
}

/** The first of the alternatives that a subject has. */
const firstOf = (metrics: readonly string[], expression: (metric: string) => string): string =>
  metrics.map(expression).join(" or ");

function histogramQuery({ metrics, where }: Reading, by: string): string {
  // Native histograms have no `le`, so that both kinds may be asked for at once.
  const one = (metric: string) =>
    [
      `sum by (${by}, le) (rate(${selector(`${metric}_bucket`, where)}[$window]))`,
      `label_replace(sum by (${by}) (rate(${selector(`${metric}_sum`, where)}[$window])), "le", "${SUM_LE}", "", "")`,
      `sum by (${by}) (rate(${selector(metric, where)}[$window]))`,
    ].join(" or ");
  const [only] = metrics;
  if (metrics.length === 1 && only !== undefined) return one(only);
  return metrics
    .map((metric, index) => `label_replace(${one(metric)}, "${ALTERNATIVE_LABEL}", "${index}", "", "")`)
    .join(" or ");
}

function promqlOf(reading: Reading, by: string): string {
  const { kind, metrics, where, within = "sum" } = reading;
  switch (kind) {
    case "gauge":
      // Also where the target is gone: how old it is, the heartbeat says.
      return firstOf(
        metrics,
        (metric) => `${within} by (${by}) (last_over_time(${selector(metric, where)}[$lookback]))`,
      );
    case "counter":
      return firstOf(metrics, (metric) => `${within} by (${by}) (rate(${selector(metric, where)}[$window]))`);
    case "derivative":
      return firstOf(metrics, (metric) => `sum by (${by}) (deriv(${selector(metric, where)}[$window]))`);
    case "histogram":
      return histogramQuery(reading, by);
  }
}

/** Every reading of a system as a query; the number of workloads does not matter. */
export function queriesOf(system: ServingSystem, labels: LabelNames): RecordedQuery[] {
  const by = groupingOf(system.subject, labels, system.modelLabels).join(", ");
  const seen = new Map<string, number>();
  return system.readings.map((reading) => {
    const { signal, part, kind, scale } = reading;
    const plain = [`${system.name}/${signal}`, ...(part === undefined ? [] : [part])].join(".");
    const nth = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, nth);
    const name = nth === 1 ? plain : `${plain}.${nth}`;
    return {
      name,
      system: system.name,
      subject: system.subject,
      reading: { signal, part, kind, scale },
      promql: promqlOf(reading, by),
    };
  });
}

/** Steps in which the lookback is searched for the newest sample of a subject that is gone. */
const HEARTBEAT_STEPS = 30;

/** Of the search for the last activity. */
const ACTIVITY_STEP = "5m";
const ACTIVITY_SPAN = "1h";

/** When each subject was last seen, seconds. */
export function heartbeatQuery(system: ServingSystem, labels: LabelNames): string {
  const by = groupingOf(system.subject, labels, system.modelLabels).join(", ");
  // The subquery sees in steps; what is there now is asked exactly.
  const now = firstOf(system.heartbeat, (metric) => `max by (${by}) (timestamp(${selector(metric)}))`);
  const gone = firstOf(
    system.heartbeat,
    (metric) => `max by (${by}) (max_over_time(timestamp(${selector(metric)})[$lookback:$step]))`,
  );
  return `${now} or ${gone}`;
}

/** Subjects whose counters began anew in the window. */
export function resetsQuery(system: ServingSystem, labels: LabelNames): string {
  const by = groupingOf(system.subject, labels, system.modelLabels).join(", ");
  return firstOf(system.activity, (metric) => `sum by (${by}) (resets(${selector(metric)}[$window])) > 0`);
}

/** The last step at which a counter had changed, seconds: too late by up to a step, never too early. */
export function activityQuery(system: ServingSystem, labels: LabelNames): string {
  const by = groupingOf(system.subject, labels, system.modelLabels).join(", ");
  const changed = (metric: string) => `timestamp(changes(${selector(metric)}[${ACTIVITY_STEP}]) > 0)`;
  const now = firstOf(system.activity, (metric) => `max by (${by}) (${changed(metric)})`);
  const before = firstOf(
    system.activity,
    (metric) => `max by (${by}) (max_over_time(${changed(metric)}[${ACTIVITY_SPAN}:${ACTIVITY_STEP}]))`,
  );
  return `${now} or ${before}`;
}
