import type { SignalTarget, SignalWarning } from "../../ports/signals.ts";
import type { SystemReadings } from "./assemble/readings.ts";

/** What one source says now. */
export interface SourceReading {
  readings: SystemReadings[];
  warnings: SignalWarning[];
}

/** One place where signals come from. */
export interface ReadSource {
  name: string;
  /** Never rejects. */
  read(targets: readonly SignalTarget[], nowMs: number): Promise<SourceReading>;
  close(): Promise<void>;
}
