import { hostname } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { readTextFile } from "../adapters/files/read-file.ts";
import { fleetOf } from "../adapters/sim/fleet-of.ts";
import { PacedCluster } from "../adapters/sim/paced-cluster.ts";
import { simulatedAdapters } from "../adapters/sim/simulated-adapters.ts";
import { SimulatedGateway } from "../adapters/sim/simulated-gateway.ts";
import { readTraceCsv } from "../adapters/sim/trace-csv.ts";
import { SqliteStore } from "../adapters/store/sqlite-store.ts";
import type { RunningService, ServeOptions, SimulatedOptions } from "../cli/context.ts";
import type { Placement } from "../ports/placement.ts";
import { SimulatedCluster } from "../simulation/cluster/cluster.ts";
import { scenarioOf } from "../simulation/cluster/scenario.ts";
import { type TracedRequest, traffic } from "../simulation/cluster/traffic.ts";
import type { Simulation } from "../snapshot/simulation/types.ts";
import { inState, startFleetService } from "./fleet-service.ts";

/** Traffic before the service starts, so that the first report has a rate. */
const WARM_UP_MS = 60_000;

const TRACE = fileURLToPath(new URL("../../examples/data/azure-llm-2023-code.csv", import.meta.url));

/** There is one process, and it leads. */
const ALWAYS = { mayAct: () => true, leader: () => hostname(), unfit: () => undefined };

const DONE = (): Promise<void> => Promise.resolve();

/**
 * The service over a simulated cluster: to it there is no difference to a real one, but that its time may pass faster.
 *
 * @throws Error where the trace cannot be read, the state cannot be opened, or nothing can listen
 */
export async function startSimulatedService(
  placement: Placement,
  log: Logger,
  options: ServeOptions & { simulated: SimulatedOptions },
): Promise<RunningService> {
  const { simulation, traceFile, speed, mode, scope, state, record, intervalMs, timeLimitMs } = options.simulated;
  const trace = await traceOf(simulation, traceFile);
  const store = inState(state, "state.sqlite", (path) => new SqliteStore(path));
  const [memory, overrides] = [store.memory(scope), store.overrides()];
  // A run before this one may have come further than real time has.
  const startedAtMs = Math.max(Date.now(), ((await memory.load())?.lastCycleAtMs ?? 0) + 1);
  const epochMs = startedAtMs - WARM_UP_MS;
  const scenario = scenarioOf(simulation);
  const cluster = new SimulatedCluster(scenario, traffic(simulation, trace), () => undefined);
  cluster.advanceTo(WARM_UP_MS);
  const paced = new PacedCluster(cluster, epochMs, speed, () => performance.now());
  return startFleetService(placement, log, options, {
    memory,
    namespace: "simulated",
    state,
    record,
    intervalMs: intervalMs / speed,
    clock: { nowMs: () => paced.nowMs(), monotonicMs: () => performance.now() },
    connect: ({ demand }) => {
      const gateway = new SimulatedGateway(cluster, epochMs, demand, (reason) =>
        log.warn({ reason }, "the simulated gateway could not report"),
      );
      const fleet = fleetOf(simulation, { scope, mode, timeLimitMs });
      return {
        ...simulatedAdapters({ cluster, variants: scenario.variants, fleet, overrides, epochMs }),
        overrides,
        leadership: ALWAYS,
        start: () => {
          gateway.step();
          paced.start(() => gateway.step());
        },
        quiet: async () => paced.stop(),
        release: DONE,
      };
    },
    close: () => store.close(),
  });
}

/** Read only where some workload follows it. @throws Error */
async function traceOf({ workloads }: Simulation, file: string | undefined): Promise<TracedRequest[]> {
  if (file === undefined && !workloads.some(({ traffic: parts }) => parts.some(({ type }) => type === "trace"))) {
    return [];
  }
  const path = file ?? TRACE;
  return readTraceCsv(await readTextFile(path, process.stdin), file ?? relative(process.cwd(), TRACE));
}
