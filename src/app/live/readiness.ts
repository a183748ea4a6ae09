/** What tells whether a replica is of use to callers. */
export interface ReadinessInput {
  leader: boolean;
  /** When the last complete reading of the cluster was taken; absent: never. */
  readAtMs?: number;
  nowMs: number;
  /** Between cycles where nothing changes. */
  intervalMs: number;
}

export interface Readiness {
  ready: boolean;
  why: string;
}

/** Readings that may be missed before what a replica says of the fleet is too old. */
const MISSED_READINGS = 4;
const LEAST_AGE_MS = 60_000;

/** A leader is ready: reports and decisions go to it. A replica that stands by is while what it has read is recent. */
export function readiness({ leader, readAtMs, nowMs, intervalMs }: ReadinessInput): Readiness {
  if (leader) return { ready: true, why: "leads" };
  if (readAtMs === undefined) return { ready: false, why: "the cluster was not read yet" };
  const ageMs = nowMs - readAtMs;
  const limitMs = Math.max(LEAST_AGE_MS, MISSED_READINGS * intervalMs);
  const age = `the cluster was read ${Math.round(ageMs / 1000)} s ago`;
  if (ageMs <= limitMs) return { ready: true, why: `stands by; ${age}` };
  return { ready: false, why: `${age}, more than ${Math.round(limitMs / 1000)} s` };
}
