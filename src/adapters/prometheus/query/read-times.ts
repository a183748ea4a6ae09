import type { SystemReadings } from "../assemble/readings.ts";
import type { LabelNames } from "../catalog/types.ts";
import { type Row, toNumber } from "./answer.ts";
import { numberFault, subjectOf } from "./read-rows.ts";

type Take = (subject: { atMs?: number; reset: boolean; lastActivityMs?: number }, value: number) => void;

function readEach(readings: SystemReadings, rows: readonly Row[], names: LabelNames, take: Take): void {
  for (const { metric, value } of rows) {
    const number = value === undefined ? Number.NaN : toNumber(value[1]);
    const subject = numberFault(number) === undefined ? subjectOf(readings, metric, names) : undefined;
    if (subject !== undefined) take(subject.readings, number);
  }
}

const later = (known: number | undefined, seconds: number) => Math.max(known ?? 0, Math.round(seconds * 1000));

/** When each subject was last seen. */
export function readHeartbeats(readings: SystemReadings, rows: readonly Row[], names: LabelNames): void {
  readEach(readings, rows, names, (subject, seconds) => {
    subject.atMs = later(subject.atMs, seconds);
  });
}

export function readResets(readings: SystemReadings, rows: readonly Row[], names: LabelNames): void {
  readEach(readings, rows, names, (subject, resets) => {
    if (resets > 0) subject.reset = true;
  });
}

export function readActivity(readings: SystemReadings, rows: readonly Row[], names: LabelNames): void {
  readEach(readings, rows, names, (subject, seconds) => {
    subject.lastActivityMs = later(subject.lastActivityMs, seconds);
  });
}
