import type { SaturationSample } from "../model/learning/saturation.ts";
import type { IterationSample } from "../model/learning/types.ts";
import type { SignalLatency, WorkloadSignals } from "../snapshot/signals.ts";
import type { World, WorldPod, WorldVariant } from "../snapshot/world/types.ts";
import { usableValue } from "./demand/signalled.ts";

/** The window that rates of signals are taken over. */
const SIGNAL_WINDOW_SECONDS = 60;

/** What each ready pod of a variant tells of the time of its iterations; pods that do not tell enough are left out. */
export function iterationSamples(world: World, variant: WorldVariant, all: WorkloadSignals): IterationSample[] {
  const { profile } = variant;
  if (profile?.dialect !== "continuous") return [];
  return readyPods(world, variant, all).flatMap(({ pod, signals }) => {
    const batch = usableValue(signals.runningRequests);
    const inputRate = usableValue(signals.inputTokenRate);
    const perSecond = usableValue(signals.requestRate);
    const itlMs = meanMs(signals.itl) ?? meanMs(signals.tpot);
    const inUse = usableValue(signals.kvCacheUtilization);
    if (batch === undefined || itlMs === undefined || perSecond === undefined || inUse === undefined) return [];
    if (inputRate === undefined || profile.kvCacheTokens === undefined) return [];
    const missed = 1 - (usableValue(signals.prefixCacheHitRate) ?? 0);
    const [ttftMs, waiting] = [meanMs(signals.ttft), usableValue(signals.waitingRequests)];
    const perRequest = usableValue(signals.inputTokensPerRequest);
    return [
      {
        atMs: world.takenAtMs,
        batch,
        promptTokensPerSecond: inputRate * missed,
        contextTokens: inUse * profile.kvCacheTokens,
        itlMs,
        ...(ttftMs === undefined ? {} : { ttftMs }),
        ...(waiting === undefined ? {} : { waiting }),
        ...(perRequest === undefined ? {} : { promptTokensPerRequest: perRequest * missed }),
        requests: perSecond * SIGNAL_WINDOW_SECONDS,
        sinceReadyMs: sinceReadyMs(world, pod),
      },
    ];
  });
}

/** What each ready pod tells of its load. */
export function saturationSamples(world: World, variant: WorldVariant, all: WorkloadSignals): SaturationSample[] {
  return readyPods(world, variant, all).flatMap(({ pod, signals }) => {
    const ratePerSecond = usableValue(signals.requestRate);
    const kvCacheUtilization = usableValue(signals.kvCacheUtilization);
    const queueLength = usableValue(signals.waitingRequests);
    if (ratePerSecond === undefined || kvCacheUtilization === undefined || queueLength === undefined) return [];
    const running = usableValue(signals.runningRequests);
    return [
      {
        atMs: world.takenAtMs,
        ratePerSecond,
        kvCacheUtilization,
        queueLength,
        ...(running === undefined ? {} : { running }),
        sinceReadyMs: sinceReadyMs(world, pod),
      },
    ];
  });
}

function readyPods(world: World, variant: WorldVariant, all: WorkloadSignals) {
  const told = all.targets.find(({ key }) => key === variant.target)?.pods ?? [];
  const pods = new Map(world.pods.filter(({ target }) => target === variant.target).map((pod) => [pod.name, pod]));
  return told.flatMap(({ name, signals }) => {
    const pod = pods.get(name);
    return pod?.ready === true ? [{ pod, signals }] : [];
  });
}

function sinceReadyMs({ takenAtMs }: World, { readyAtMs }: WorldPod): number {
  return readyAtMs === undefined ? 0 : Math.max(0, takenAtMs - readyAtMs);
}

function meanMs(latency: SignalLatency | undefined): number | undefined {
  if (latency?.meanMs === undefined || latency.quality === "stale" || latency.quality === "rejected") return undefined;
  return latency.meanMs;
}
