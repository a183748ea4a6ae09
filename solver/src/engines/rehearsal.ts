import { API_VERSION, type PlacementProblem, type Variant, type Workload } from "../problem/types.ts";
import { solveHere } from "../solve-here.ts";
import { nextTurn } from "./next-turn.ts";

/** Enough workloads to be priced, few enough that one solve takes about 100 ms. */
const WORKLOADS = 500;
const POOLS = 12;
const VARIANTS = 4;
/** Solves until the loops of engine, report and check are compiled. */
const SOLVES = 3;
const SOLVE_MS = 120;

/** A problem of the usual kind, tight: a few large workloads, many small ones, ways to serve them that differ. */
function problemOf(seed: number): PlacementProblem {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const variant = (w: number, v: number): Variant => ({
    name: `w${w}-v${v}`,
    pool: `pool-${Math.floor(next() * POOLS)}`,
    role: "both",
    devicesPerReplica: 2 ** Math.floor(4 * next()),
    nodesPerReplica: 1,
    capacityPerSecond: 1 + 20 * next(),
    costPerHour: 1 + 5 * next(),
    startCost: next(),
    currentReplicas: Math.floor(2 * next()),
    minReplicas: 0,
    tolerations: [],
    movable: false,
  });
  const workload = (_: unknown, w: number): Workload => ({
    name: `w${w}`,
    priority: 10 * (w % 3),
    weight: 1,
    demandPerSecond: 1 + 5 / (0.01 + next()),
    shedPenalty: 10 + 990 * next(),
    variants: Array.from({ length: VARIANTS }, (_, v) => variant(w, v)),
  });
  return {
    apiVersion: API_VERSION,
    kind: "PlacementProblem",
    objective: "penalty",
    pools: Array.from({ length: POOLS }, (_, p) => ({ name: `pool-${p}`, devices: (8 * WORKLOADS) / POOLS })),
    classes: [],
    quotas: [],
    cohorts: [],
    workloads: Array.from({ length: WORKLOADS }, workload),
    sharedServers: [],
  };
}

/** Solves made-up problems, so that the code of this thread is compiled before the first real one comes; that one ends it. */
export async function rehearse(signal: AbortSignal): Promise<void> {
  for (let i = 1; i <= SOLVES && !signal.aborted; i++) {
    await solveHere(problemOf(i), { engine: "price", timeLimitMs: SOLVE_MS, signal });
    // whatever has arrived comes first
    await nextTurn();
  }
}
