import type { Actuator } from "../../ports/actuator.ts";
import type { Clock, MonotonicClock } from "../../ports/clock.ts";
import type { Cluster, EventSink, StatusWriter } from "../../ports/cluster.ts";
import type { SourceKind } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { SignalSource } from "../../ports/signals.ts";
import type { OverrideStore } from "../../ports/store.ts";
import type { CycleTelemetry } from "../../ports/telemetry.ts";
import type { Memory } from "../../snapshot/world/memory.ts";
import type { World, WorldDemand } from "../../snapshot/world/types.ts";
import type { Installations } from "./installations.ts";
import type { MemoryKeeper } from "./memory-keeper.ts";
import type { LiveSolver } from "./solver.ts";

/** Whether this process may act, and who does. */
export interface Leadership {
  mayAct(): boolean;
  leader(): string;
  /** Others should lead in place of this process, and why; undefined: it is as good as any. */
  unfit(reason: string | undefined): void;
}

/** What sources report. */
export interface Reports {
  /** Of all workloads, as reported last. */
  demands(): WorldDemand[];
  /** What whoever leads next has to know of the demand of these workloads. */
  remembered(workloads: ReadonlySet<string>): NonNullable<Memory["reports"]>;
  /** Takes over what is remembered, where it is newer than what was reported here. */
  adopt(memory: Memory): Promise<void>;
  /** False where the source has reported nothing. */
  forget(kind: SourceKind, source: string): Promise<boolean>;
}

/** What the running fleet stands on. */
export interface FleetParts {
  cluster: Cluster;
  actuator: Actuator;
  status: StatusWriter;
  events: EventSink;
  overrides: OverrideStore;
  keeper: MemoryKeeper;
  leadership: Leadership;
  reports: Reports;
  /** What the serving systems say about themselves; absent: nobody collects it. */
  signals?: SignalSource;
  solver: LiveSolver;
  clock: Clock & MonotonicClock;
  log: Log;
  telemetry: CycleTelemetry;
  installations: Installations;
  /** Keeps a world, so that its cycle can be repeated. */
  record: (world: World) => Promise<void>;
  /** Something was decided: the next cycle should not wait. */
  wake: () => void;
  newId: () => string;
}
