import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { worldRecorder } from "../adapters/files/world-recorder.ts";
import { startGrpcServer } from "../adapters/grpc/server.ts";
import { ReportThread } from "../adapters/store/report-thread.ts";
import { CountedIntake } from "../app/ingest/counted-intake.ts";
import { FleetReports } from "../app/ingest/fleet-reports.ts";
import { Ingest } from "../app/ingest/ingest.ts";
import { LeaderOnlyIntake } from "../app/ingest/leader-only.ts";
import type { Solved } from "../app/live/cycle.ts";
import { NotLeaderError } from "../app/live/errors.ts";
import { Fleet } from "../app/live/fleet.ts";
import type { FleetParts } from "../app/live/fleet-parts.ts";
import { Installations } from "../app/live/installations.ts";
import { MemoryKeeper } from "../app/live/memory-keeper.ts";
import { readiness } from "../app/live/readiness.ts";
import { Scheduler } from "../app/live/scheduler.ts";
import { LiveSolver } from "../app/live/solver.ts";
import type { RunningService, ServeOptions } from "../cli/context.ts";
import type { Clock, MonotonicClock } from "../ports/clock.ts";
import type { ReportEntry, ReportIntake } from "../ports/ingest.ts";
import type { Placement } from "../ports/placement.ts";
import type { MemoryStore, StoredReport } from "../ports/store.ts";
import type { Timers } from "../ports/timers.ts";
import { openAccess } from "./access.ts";
import { CODEC_SCRIPT } from "./codec-script.ts";
import { dashboard } from "./dashboard.ts";
import { startMonitoring, telemetryOf } from "./monitoring.ts";

export const clock: Clock & MonotonicClock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

const timers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

/** Reports of one kind that may wait for the disk, and sources that may report. */
const INGEST_LIMITS = { sources: 10_000, waiting: 200_000 };

/** Recorded worlds: four hours at one every fifteen seconds. */
const WORLDS_KEPT = 960;

/** Another installation that has written nothing for so long, or for three cycles, is gone. */
const LEAST_QUIET_MS = 60_000;

/** Changes that come within this are one cycle. */
const QUIET_MS = 300;

/** A file of the directory of state, which is made where it is missing; without one, what keeps nothing. @throws Error */
export function inState<T>(directory: string | undefined, file: string, open: (path: string) => T): T {
  if (directory === undefined) return open(":memory:");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return open(join(directory, file));
  } catch (error) {
    throw new Error(`--state ${directory}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a fleet is read from and acts on. */
export type Outside = Pick<
  FleetParts,
  "cluster" | "actuator" | "status" | "events" | "overrides" | "leadership" | "signals"
> & {
  /** Begins to lead and to watch. */
  start(): void;
  /** No change wakes a cycle any more. */
  quiet(): Promise<void>;
  /** Gives the lead back, after the last cycle. */
  release(): Promise<void>;
};

/** What the outside finds inside. */
interface Inside {
  keeper: MemoryKeeper;
  /** Takes reports as those of callers. */
  demand: ReportIntake;
  inventory: () => ReportEntry[];
  wake: () => void;
}

export interface FleetOptions {
  memory: MemoryStore;
  /** Of this installation. */
  namespace: string;
  state: string | undefined;
  record: string | undefined;
  intervalMs: number;
  /** Of the fleet; absent: that of this machine. */
  clock?: Clock & MonotonicClock;
  connect(inside: Inside): Outside;
  /** What was opened for the fleet ends with it. */
  close(): void;
}

/**
 * The service of a running fleet, whatever it is read from.
 *
 * @throws Error where the state cannot be opened, or nothing can listen
 */
export async function startFleetService(
  placement: Placement,
  log: Logger,
  options: ServeOptions,
  { memory, namespace, state, record, intervalMs, connect, close, clock: time = clock }: FleetOptions,
): Promise<RunningService> {
  const reports = inState(state, "reports.sqlite", (path) => new ReportThread(path));
  const keeper = new MemoryKeeper(memory);
  const wake = (): void => scheduler.wake();
  const intakeOf = (kind: StoredReport["kind"]): Ingest =>
    new Ingest({ kind, store: reports, clock: time, limits: INGEST_LIMITS, onChange: wake });
  const [demand, inventory] = [intakeOf("demand"), intakeOf("inventory")];
  const stored = await reports.load().catch((error: Error) => {
    throw new Error(`--state ${state}: ${error.message}`);
  });
  demand.restore(stored);
  inventory.restore(stored);
  const outside = connect({ keeper, demand, inventory: () => inventory.entries(), wake });
  const { leadership } = outside;
  const telemetry = telemetryOf(() => ({
    leader: leadership.mayAct(),
    ...fleet.observed(),
    sources: [
      ...demand.sources().map((source) => ({ kind: "demand" as const, ...source })),
      ...inventory.sources().map((source) => ({ kind: "inventory" as const, ...source })),
    ],
    staleAfterMs: fleet.demandStaleAfterMs(),
    nowMs: time.nowMs(),
  }));
  const fleet = new Fleet({
    ...outside,
    keeper,
    reports: new FleetReports({ demand, inventory }),
    solver: new LiveSolver(placement),
    clock: time,
    log,
    telemetry,
    record: record === undefined ? () => Promise.resolve() : worldRecorder(record, WORLDS_KEPT),
    wake,
    installations: new Installations(namespace, Math.max(LEAST_QUIET_MS, 3 * intervalMs)),
    newId: () => `override-${randomUUID().slice(0, 8)}`,
  });
  const firstPlan = Promise.withResolvers<Solved>();
  const cycle = async (): Promise<void> => {
    await fleet.cycle();
    const { solved } = fleet.observed().fleet ?? {};
    if (solved !== undefined) firstPlan.resolve(solved);
  };
  const scheduler = new Scheduler(cycle, timers, { intervalMs, quietMs: QUIET_MS });
  const refusal = (): Error | undefined => (leadership.mayAct() ? undefined : new NotLeaderError(leadership.leader()));
  const { access, close: closeAccess } = await openAccess(options.access);
  const server = await startGrpcServer(placement, log, {
    ...options,
    access,
    telemetry,
    codecScript: CODEC_SCRIPT,
    fleet: {
      live: fleet,
      demand: new CountedIntake(new LeaderOnlyIntake(demand, refusal), "demand", telemetry),
      inventory: new CountedIntake(new LeaderOnlyIntake(inventory, refusal), "inventory", telemetry),
      staleAfterMs: () => fleet.demandStaleAfterMs(),
      nowMs: () => time.nowMs(),
    },
  });
  const ready = () => readiness({ leader: leadership.mayAct(), ...fleet.observed(), nowMs: time.nowMs(), intervalMs });
  const http = await startMonitoring(
    options.http,
    telemetry,
    { ready, ...dashboard(server.calls, options) },
    log,
  ).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  outside.start();
  scheduler.start();
  return {
    address: server.address,
    ...(http.address !== undefined && { httpAddress: http.address }),
    firstPlan: firstPlan.promise,
    stop: async () => {
      http.drain();
      await outside.quiet();
      await scheduler.stop();
      await outside.release();
      await server.stop();
      await http.stop();
      closeAccess();
      await reports.close();
      close();
    },
  };
}
