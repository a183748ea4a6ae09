import { loadFeatures, replicaFeatures } from "../../src/model/sizing/correction.ts";
import { emptyLoad, saturationRate } from "../../src/model/sizing/load.ts";
import { replicaConstants } from "../../src/model/sizing/replica-constants.ts";
import { HIGHEST, highestShare } from "../../src/model/sizing/search.ts";
import { TAILS } from "../../src/model/sizing/targets.ts";
import { Random } from "../../src/simulation/random.ts";
import type { Configuration } from "../../test/simulation/configurations.ts";
import { unloadedPercentiles } from "../../test/simulation/unloaded.ts";
import { highestOf, LATENCIES, type Latency, PERCENTILES, type Truth } from "./truth.ts";

/** A target of a configuration: what the analyzer says of it, before any correction, and the simulation. Rates per second. */
export interface Sized {
  latency: Latency;
  percentile: number;
  analytic: number;
  simulated: number;
  /** Whether the target leaves the replica free: its throughput binds. */
  free: boolean;
  features: Float64Array;
}

/** Targets of one configuration that are asked for together. */
export interface Asked {
  lanes: number;
  targets: Sized[];
}

const load = emptyLoad();

/** `sets` random sets of targets for a configuration that was simulated, drawn as those of the judged configurations are. */
export function askedSets(configuration: Configuration, truth: Truth, sets: number, seed: number): Asked[] {
  const { profile, mix } = configuration;
  const random = new Random(seed);
  const constants = replicaConstants(profile, mix, "both");
  const saturation = saturationRate(constants);
  const perSecond = saturation * constants.lanes * 1000;
  const unloaded = new Map(PERCENTILES.map((p) => [p, unloadedPercentiles(profile, mix, p)]));
  return Array.from({ length: sets }, () => {
    const percentile = PERCENTILES[Math.floor(random.next() * PERCENTILES.length)]!;
    const wanted = LATENCIES.filter(() => random.next() < 0.4);
    if (wanted.length === 0) wanted.push("ttftMs");
    const targets = wanted.flatMap((latency): Sized[] => {
      const askedMs = unloaded.get(percentile)![latency] * random.logBetween(1.3, 10);
      if (!(askedMs > 0)) return [];
      const simulated = highestOf(truth, latency, percentile, askedMs);
      const found = highestShare(constants, load, saturation, TAILS[latency], askedMs, 1 - percentile);
      if (found < 0) return [];
      const features = replicaFeatures(constants, percentile);
      const free = found >= HIGHEST;
      if (!free) loadFeatures(constants, found * saturation, found, latency, askedMs);
      return [{ latency, percentile, analytic: found * perSecond, simulated, free, features: features.slice() }];
    });
    return { lanes: constants.lanes, targets };
  }).filter(({ targets }) => targets.length > 0);
}
