import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { worldRecorder } from "../adapters/files/world-recorder.ts";
import { startGrpcServer } from "../adapters/grpc/server.ts";
import { ReportThread } from "../adapters/store/report-thread.ts";
import { CountedIntake } from "../app/ingest/counted-intake.ts";
import { worldDemands } from "../app/ingest/demands.ts";
import { Ingest } from "../app/ingest/ingest.ts";
import { LeaderOnlyIntake } from "../app/ingest/leader-only.ts";
import { NotLeaderError } from "../app/live/errors.ts";
import { Fleet } from "../app/live/fleet.ts";
import { Installations } from "../app/live/installations.ts";
import { MemoryKeeper } from "../app/live/memory-keeper.ts";
import { readiness } from "../app/live/readiness.ts";
import { Scheduler } from "../app/live/scheduler.ts";
import { LiveSolver } from "../app/live/solver.ts";
import type { RunningService, ServeOptions } from "../cli/context.ts";
import type { Lease } from "../ports/lease.ts";
import type { Placement } from "../ports/placement.ts";
import type { StoredReport } from "../ports/store.ts";
import type { Timers } from "../ports/timers.ts";
import { openAccess } from "./access.ts";
import { CODEC_SCRIPT } from "./codec-script.ts";
import { startMonitoring, telemetryOf } from "./monitoring.ts";

const clock = { nowMs: () => Date.now() };

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

/** The reports that are kept in a directory, or, without one, nowhere but in memory: in a thread of their own. */
function openReports(directory: string | undefined): ReportThread {
  if (directory === undefined) return new ReportThread(":memory:");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return new ReportThread(join(directory, "reports.sqlite"));
  } catch (error) {
    throw new Error(`--state ${directory}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The service over a Kubernetes cluster: reads it, plans, and changes it as the mode of its policy allows.
 *
 * @throws Error where the cluster has no usable configuration, the state cannot be opened, or nothing can listen
 */
export async function startLiveService(
  placement: Placement,
  log: Logger,
  options: ServeOptions & { kubernetes: NonNullable<ServeOptions["kubernetes"]> },
): Promise<RunningService> {
  const { kubernetesAdapters } = await import("../adapters/kubernetes/adapters.ts");
  const { kubeconfig, context, scope, namespace, state, intervalMs, record } = options.kubernetes;
  const identity = `${hostname()}_${randomUUID()}`;
  const adapters = await kubernetesAdapters({
    ...(kubeconfig === undefined ? {} : { kubeconfigFile: kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    scope,
    identity,
    clock,
    log,
  });
  const reports = openReports(state);
  const keeper = new MemoryKeeper(adapters.memory);
  const wake = (): void => scheduler.wake();
  const intakeOf = (kind: StoredReport["kind"]): Ingest =>
    new Ingest({ kind, store: reports, clock, limits: INGEST_LIMITS, onChange: wake });
  const [demand, inventory] = [intakeOf("demand"), intakeOf("inventory")];
  const stored = await reports.load().catch((error: Error) => {
    throw new Error(`--state ${state}: ${error.message}`);
  });
  demand.restore(stored);
  inventory.restore(stored);
  const lease: Lease = adapters.lease({
    onLead: () => {
      log.info({ identity, scope }, "leads");
      keeper.load().then(wake, (error: unknown) => log.error({ error: String(error) }, "memory not read"));
    },
    onLost: (reason) => log.warn({ identity, scope, reason }, "does not lead any more"),
  });
  const telemetry = telemetryOf(() => ({
    leader: lease.mayAct(),
    ...fleet.observed(),
    sources: [
      ...demand.sources().map((source) => ({ kind: "demand" as const, ...source })),
      ...inventory.sources().map((source) => ({ kind: "inventory" as const, ...source })),
    ],
    staleAfterMs: fleet.demandStaleAfterMs(),
  }));
  const fleet = new Fleet({
    ...adapters,
    keeper,
    leadership: lease,
    demands: () => worldDemands(demand.entries()),
    forgetSource: (source) => demand.forget(source),
    solver: new LiveSolver(placement),
    clock,
    log,
    telemetry,
    record: record === undefined ? () => Promise.resolve() : worldRecorder(record, WORLDS_KEPT),
    wake,
    installations: new Installations(adapters.namespace, Math.max(LEAST_QUIET_MS, 3 * intervalMs)),
    newId: () => `override-${randomUUID().slice(0, 8)}`,
  });
  const scheduler = new Scheduler(() => fleet.cycle(), timers, { intervalMs, quietMs: QUIET_MS });
  const refusal = (): Error | undefined => (lease.mayAct() ? undefined : new NotLeaderError(lease.leader()));
  const { access, close } = await openAccess(options.access);
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
    },
  });
  const ready = () => readiness({ leader: lease.mayAct(), ...fleet.observed(), nowMs: clock.nowMs(), intervalMs });
  const http = await startMonitoring(options.http, telemetry, ready, log).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  lease.start();
  adapters.changes.start(wake);
  scheduler.start();
  return {
    address: server.address,
    ...(http.address !== undefined && { httpAddress: http.address }),
    stop: async () => {
      http.drain();
      await adapters.changes.stop();
      await scheduler.stop();
      await lease.stop();
      await server.stop();
      await http.stop();
      close();
      await reports.close();
      adapters.close();
    },
  };
}
