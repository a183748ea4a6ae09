import type { PlannedForecast } from "./types.ts";

/** Three digits: what a person reads. */
export function rateText(perSecond: number): string {
  return String(Number(perSecond.toPrecision(3)));
}

/** `3.1 expected at 14:32 (p90, trend)`; UTC. */
export function forecastText({ plannedPerSecond, atMs, quantile, model }: PlannedForecast): string {
  const percentile = `p${Number((quantile * 100).toPrecision(3))}`;
  return `${rateText(plannedPerSecond)} expected by ${clockText(atMs)} (${percentile}, ${model})`;
}

function clockText(atMs: number): string {
  return Math.abs(atMs) <= 8.64e15 ? `${new Date(atMs).toISOString().slice(11, 16)} UTC` : "then";
}
