import type { ClassOutcome, ControllerName, MinutePoint, Percentiles, ReplayOutcome } from "./types.ts";

/** A mean over seeds with the half width of its 95 % confidence interval (Student's t); of one seed there is none. */
export interface Estimate {
  mean: number;
  halfWidth?: number;
}

export type ClassSummary = Pick<ClassOutcome, "name" | "priority"> & {
  [field in "requests" | "insideSlo" | "insideTtft" | "insideTpot" | "lowestWorkload" | "unanswered"]: Estimate;
} & { [field in "ttftMs" | "tpotMs"]: { [percentile in keyof Percentiles]: Estimate } };

/** One controller over all seeds. */
export interface ReplaySummary {
  controller: ControllerName;
  seeds: number[];
  classes: ClassSummary[];
  cost: Estimate;
  deviceHours: Estimate;
  starts: Estimate;
  stops: Estimate;
  pendingReplicaHours: Estimate;
  /** Of all seeds together. */
  failedSolves: number;
  /** Of the first seed. */
  minutes: MinutePoint[];
}

/** @param outcomes of several controllers and seeds; of each controller every seed with the same classes */
export function summaries(outcomes: readonly ReplayOutcome[]): ReplaySummary[] {
  const byController = Map.groupBy(outcomes, ({ controller }) => controller);
  return [...byController].map(([controller, own]) => {
    const of = (value: (outcome: ReplayOutcome) => number) => estimate(own.map(value));
    return {
      controller,
      seeds: own.map(({ seed }) => seed),
      classes: own[0]!.classes.map(({ name }) => classSummary(classesOf(own, name))),
      cost: of(({ cost }) => cost),
      deviceHours: of(({ deviceHours }) => deviceHours),
      starts: of(({ starts }) => starts),
      stops: of(({ stops }) => stops),
      pendingReplicaHours: of(({ pendingReplicaHours }) => pendingReplicaHours),
      failedSolves: own.reduce((sum, { failedSolves }) => sum + failedSolves, 0),
      minutes: own[0]!.minutes,
    };
  });
}

function classesOf(outcomes: readonly ReplayOutcome[], name: string): ClassOutcome[] {
  return outcomes.flatMap(({ classes }) => classes.filter((entry) => entry.name === name));
}

function classSummary(own: readonly ClassOutcome[]): ClassSummary {
  const of = (value: (outcome: ClassOutcome) => number) => estimate(own.map(value));
  const percentiles = (field: "ttftMs" | "tpotMs") => ({
    p50: of((outcome) => outcome[field].p50),
    p95: of((outcome) => outcome[field].p95),
    p99: of((outcome) => outcome[field].p99),
  });
  const { name, priority } = own[0]!;
  return {
    name,
    priority,
    requests: of(({ requests }) => requests),
    insideSlo: of(({ insideSlo }) => insideSlo),
    insideTtft: of(({ insideTtft }) => insideTtft),
    insideTpot: of(({ insideTpot }) => insideTpot),
    lowestWorkload: of(({ lowestWorkload }) => lowestWorkload),
    unanswered: of(({ unanswered }) => unanswered),
    ttftMs: percentiles("ttftMs"),
    tpotMs: percentiles("tpotMs"),
  };
}

/** 0.975 quantiles of Student's t by degrees of freedom, from 1. */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const halfWidth = (T_975[count - 2] ?? 1.96) * Math.sqrt(variance / count);
  return Number.isFinite(halfWidth) ? { mean, halfWidth } : { mean };
}
