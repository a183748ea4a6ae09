/**
 * Fits the factors of `src/model/sizing/calibration.ts` to simulated percentiles and prints them; about half a second of CPU for each
 * configuration. What they leave is for `bench/sizing-fit.ts`.
 *
 *   node bench/sizing-factors.ts [--configurations 240] [--seed 9001] [--requests 5000]
 */
import { parseArgs } from "node:util";
import { CALIBRATION } from "../src/model/sizing/calibration.ts";
import { emptyLoad, laneLoad, saturationRate } from "../src/model/sizing/load.ts";
import { replicaConstants } from "../src/model/sizing/replica-constants.ts";
import { saturationPerSecond } from "../src/model/sizing/size.ts";
import { TAILS } from "../src/model/sizing/targets.ts";
import { drawRequests } from "../src/simulation/drawn-requests.ts";
import { highestRate } from "../src/simulation/highest-rate.ts";
import { normalQuantile } from "../src/simulation/normal-quantile.ts";
import { runDrawn } from "../src/simulation/simulate-replica.ts";
import { type Configuration, configurations } from "../test/simulation/configurations.ts";

const { values } = parseArgs({
  options: {
    configurations: { type: "string", default: "240" },
    seed: { type: "string", default: "9001" },
    requests: { type: "string", default: "5000" },
  },
});
const requests = Number(values.requests);
const all = configurations(Number(values.configurations), Number(values.seed));

const LATENCIES = ["ttftMs", "itlMs", "tpotMs", "endToEndMs"] as const;
const PERCENTILES = { p50Ms: 0.5, p90Ms: 0.9, p95Ms: 0.95, p99Ms: 0.99 } as const;
/** Shares of the highest rate at which percentiles are compared. */
const SHARES = [0.7, 0.9, 1.1];
/** A latency is right within this share. */
const DEAD_ZONE = 0.04;
const STEPS = [1.3, 0.85, 1.12, 1 / 1.12];

interface Point {
  configuration: Configuration;
  ratePerSecond: number;
  latency: (typeof LATENCIES)[number];
  percentile: number;
  simulatedMs: number;
}

function pointsOf(configuration: Configuration, index: number, highest: number): Point[] {
  const { profile, mix } = configuration;
  if ((profile.pipelineParallelSize ?? 1) > 1) return [];
  const drawn = drawRequests(mix, { count: Math.round(requests * 1.1), seed: index, balanced: true });
  return SHARES.flatMap((share) => {
    const ratePerSecond = share * highest;
    if (ratePerSecond > 0.9 * saturationPerSecond(profile, mix)) return [];
    const metrics = runDrawn(profile, drawn, ratePerSecond, { requests }).metrics();
    return LATENCIES.flatMap((latency) =>
      Object.entries(PERCENTILES).map(([name, percentile]) => {
        const simulatedMs = metrics[latency][name as keyof typeof PERCENTILES];
        return { configuration, ratePerSecond, latency, percentile, simulatedMs };
      }),
    ).filter(({ simulatedMs }) => simulatedMs > 0);
  });
}

const load = emptyLoad();

/** Mean distance of the modelled from the asked percentile at the simulated latency, in standard deviations of a normal variable. */
function loss(points: readonly Point[]): number {
  let sum = 0;
  for (const { configuration, ratePerSecond, latency, percentile, simulatedMs } of points) {
    const constants = replicaConstants(configuration.profile, configuration.mix, "both");
    const saturation = saturationRate(constants);
    laneLoad(constants, Math.min(ratePerSecond / 1000 / constants.lanes, 0.97 * saturation), saturation, load);
    const at = (x: number) =>
      normalQuantile(Math.min(1 - 1e-6, Math.max(1e-6, 1 - TAILS[latency](constants, load, x))));
    const asked = normalQuantile(percentile);
    const [low, high] = [at(simulatedMs * (1 - DEAD_ZONE)), at(simulatedMs * (1 + DEAD_ZONE))];
    sum += Math.min(1.5, Math.max(0, low - asked, asked - high));
  }
  return sum / points.length;
}

/** Coordinate descent from the present factors. */
function refit(points: readonly Point[]): void {
  let best = loss(points);
  console.log(`loss of the present factors ${best.toFixed(4)}, of ${points.length} percentiles`);
  for (let pass = 0; pass < 3; pass++) {
    for (const name of Object.keys(CALIBRATION) as (keyof typeof CALIBRATION)[]) {
      for (const step of STEPS) {
        const before = CALIBRATION[name];
        CALIBRATION[name] = before * step;
        const next = loss(points);
        if (next < best - 1e-5) best = next;
        else CALIBRATION[name] = before;
      }
    }
  }
  console.log(`fitted: loss ${best.toFixed(4)}`, CALIBRATION);
}

const points = all.flatMap((configuration, i) => {
  const { profile, mix, targets } = configuration;
  const { ratePerSecond } = highestRate(profile, mix, targets, { seed: i, requests, tolerance: 0.01 });
  return pointsOf(configuration, i, ratePerSecond);
});
refit(points);
