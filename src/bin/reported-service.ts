import { hostname } from "node:os";
import type { Logger } from "pino";
import { reportedFleet } from "../adapters/reported/convert/reading.ts";
import { NO_ACTUATOR, NO_EVENTS, NO_STATUS } from "../adapters/reported/nothing.ts";
import { ReportedCluster } from "../adapters/reported/reported-cluster.ts";
import { SqliteStore } from "../adapters/store/sqlite-store.ts";
import type { RunningService, ServeOptions } from "../cli/context.ts";
import type { Placement } from "../ports/placement.ts";
import { inState, startFleetService } from "./fleet-service.ts";

/** There is one process, and it leads. */
const ALWAYS = { mayAct: () => true, leader: () => hostname(), unfit: () => undefined };

const DONE = (): Promise<void> => Promise.resolve();

/**
 * The service of a fleet outside of a cluster: a file says what there is to serve, sources report what it runs on, and
 * controllers watch the plan and carry it out.
 *
 * @throws Error where the state cannot be opened, or nothing can listen
 */
export async function startReportedService(
  placement: Placement,
  log: Logger,
  options: ServeOptions & { reported: NonNullable<ServeOptions["reported"]> },
): Promise<RunningService> {
  const { snapshot, scope, state, record, intervalMs, timeLimitMs } = options.reported;
  const store = inState(state, "state.sqlite", (path) => new SqliteStore(path));
  const overrides = store.overrides();
  return startFleetService(placement, log, options, {
    memory: store.memory(scope),
    namespace: "reported",
    state,
    record,
    intervalMs,
    connect: ({ inventory }) => ({
      cluster: new ReportedCluster({
        fleet: reportedFleet(snapshot, scope, timeLimitMs),
        reports: inventory,
        overrides,
        pools: store.pools(),
      }),
      actuator: NO_ACTUATOR,
      status: NO_STATUS,
      events: NO_EVENTS,
      overrides,
      leadership: ALWAYS,
      start: () => undefined,
      quiet: DONE,
      release: DONE,
    }),
    close: () => store.close(),
  });
}
