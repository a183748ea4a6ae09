import type { QueueMetrics } from "./metrics.ts";

/** Above this the running weights are scaled down, so that long queues under overload cannot overflow. */
const RESCALE_ABOVE = 1e200;

/**
 * Stationary means of a birth–death queue with state-dependent service, M/M(n)/1/K: arrivals at `arrivalsPerMs`, at most
 * `departuresPerMs.length` in service, at most `capacity` in the system, arrivals beyond it are blocked.
 *
 * p[k+1] = p[k]·λ/μ(min(k+1, N)), normalised over 0..K; throughput = λ·(1 − p[K]); L = Σ k·p[k]; X = Σ min(k, N)·p[k];
 * response = L/throughput, service = X/throughput, wait = max(0, response − service) by Little's law.
 */
export function birthDeathMeans(
  arrivalsPerMs: number,
  departuresPerMs: readonly number[],
  capacity: number,
): QueueMetrics {
  const servers = departuresPerMs.length;
  let weight = 1;
  let sum = 1;
  let inSystem = 0;
  let inService = 0;
  for (let k = 1; k <= capacity; k++) {
    weight *= arrivalsPerMs / (departuresPerMs[Math.min(k, servers) - 1] ?? 0);
    sum += weight;
    inSystem += k * weight;
    inService += Math.min(k, servers) * weight;
    if (sum > RESCALE_ABOVE) {
      const scale = 1 / sum;
      weight *= scale;
      inSystem *= scale;
      inService *= scale;
      sum = 1;
    }
  }
  const throughputPerMs = arrivalsPerMs * (1 - weight / sum);
  const responseMs = inSystem / sum / throughputPerMs;
  const serviceMs = inService / sum / throughputPerMs;
  return {
    throughputPerSecond: throughputPerMs * 1000,
    responseMs,
    serviceMs,
    waitMs: Math.max(0, responseMs - serviceMs),
    numberInService: inService / sum,
    utilization: Math.min(1, Math.max(0, inService / sum / servers)),
  };
}
