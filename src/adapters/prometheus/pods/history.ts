import type { Sample } from "./text-format.ts";

/** One series over the scrapes of a window. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  /** Newest last; times are epoch ms. */
  points: { atMs: number; value: number }[];
}

/** The last scrapes of one pod. */
export class PodHistory {
  readonly #series = new Map<string, Series>();
  lastScrapeMs: number | undefined;
  lastActivityMs: number | undefined;

  /** Adds a scrape; points older than the window go, but for one that lies at its border. */
  add(samples: readonly Sample[], atMs: number, windowMs: number): void {
    const present = new Set<string>();
    for (const { name, labels, value } of samples) {
      const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
      present.add(key);
      const series = this.#series.get(key) ?? { name, labels, points: [] };
      this.#series.set(key, series);
      series.points = [...series.points.filter((point) => atMs - point.atMs <= windowMs), { atMs, value }];
    }
    for (const key of this.#series.keys()) {
      if (!present.has(key)) this.#series.delete(key);
    }
    this.lastScrapeMs = atMs;
  }

  all(): Map<string, Series[]> {
    return Map.groupBy(this.#series.values(), (series) => series.name);
  }
}

/**
 * Rate of a counter by the second over its points, and how often it began anew: where it fell, it counted from zero. Undefined
 * before there are two points.
 */
export function rateOf({ points }: Series): { perSecond: number; resets: number } | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  let increase = 0;
  let resets = 0;
  for (let index = 1; index < points.length; index++) {
    const before = points[index - 1]!.value;
    const now = points[index]!.value;
    if (now < before) resets += 1;
    increase += now < before ? now : now - before;
  }
  return { perSecond: (increase / (last.atMs - first.atMs)) * 1000, resets };
}

/** How much a gauge grows in a second, from the first to the last point. */
export function slopeOf({ points }: Series): number | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  return ((last.value - first.value) / (last.atMs - first.atMs)) * 1000;
}
