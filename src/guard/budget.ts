import type { Note } from "../domain/reason-codes.ts";
import { fittingNow } from "../plan/pools-fit.ts";
import type { Snapshot, SnapshotVariant, SnapshotWorkload } from "../snapshot/types.ts";

/** What one variant changes in this cycle. Of a stop, only replicas that supply something are counted. */
export interface Change {
  variant: SnapshotVariant;
  workload: SnapshotWorkload;
  starts: number;
  stops: number;
  /** Its stops are refused for this reason, whatever the budget. */
  keep?: Note;
}

export interface Budget {
  maxStarts?: number;
  maxStops?: number;
  /** The counts are not those of a plan of this moment: in every pool, starts get only what is free. */
  checkAll?: boolean;
}

/** What is granted of each change, in the order given; and why not all. */
export interface Granted {
  starts: number[];
  stops: number[];
  notes: Note[][];
}

/**
 * Cuts the changes of a plan to a budget, the same way every time.
 *
 * Starts of the most important class come first, stops of the least important one; ties by name. What is left stays feasible:
 * - where a stop of a pool was cut, starts there get only what is free beside all that goes on, or the place of one as
 *   large that stops;
 * - where a tenant under a quota keeps a replica that was to stop, no tenant that shares a limit with it starts any;
 * - where a start of a workload was cut, the workload stops nothing: what was to be replaced goes on serving.
 * Each rule only cuts further, so they are repeated until nothing changes.
 */
export function withinBudget(snapshot: Snapshot, changes: readonly Change[], budget: Budget): Granted {
  const granted: Granted = {
    starts: changes.map(({ starts }) => starts),
    stops: changes.map(({ stops }) => stops),
    notes: changes.map(() => []),
  };
  changes.forEach(({ keep, stops }, i) => {
    if (keep !== undefined && stops > 0) cut(granted, "stops", i, 0, keep);
  });
  const order = changes
    .map((_, i) => i)
    .sort((a, b) => {
      const [one, other] = [changes[a]!, changes[b]!];
      return one.workload.priority - other.workload.priority || (one.variant.name < other.variant.name ? -1 : 1);
    });
  spend(granted, "starts", order, budget.maxStarts, "StartBudget");
  spend(granted, "stops", [...order].reverse(), budget.maxStops, "StopBudget");
  let before = -1;
  for (let left = totalOf(granted); left !== before; ) {
    before = left;
    cutStartsThatWait(snapshot, changes, order, granted, budget.checkAll === true);
    cutStartsUnderQuota(snapshot, changes, granted);
    cutStopsThatWait(changes, granted);
    left = totalOf(granted);
  }
  return granted;
}

function totalOf({ starts, stops }: Granted): number {
  return [...starts, ...stops].reduce((sum, count) => sum + count, 0);
}

function cut(granted: Granted, what: "starts" | "stops", i: number, to: number, note: Note): void {
  if (granted[what][i]! <= to) return;
  granted[what][i] = to;
  granted.notes[i]!.push(note);
}

function spend(
  granted: Granted,
  what: "starts" | "stops",
  order: readonly number[],
  most: number | undefined,
  code: Note["code"],
): void {
  if (most === undefined) return;
  let left = most;
  for (const i of order) {
    const wished = granted[what][i]!;
    const given = Math.min(wished, left);
    cut(granted, what, i, given, { code, sentence: `${given} of ${wished} ${what} are within the ${most} of a cycle` });
    left -= given;
  }
}

const STOPS_WAIT: Note = {
  code: "WaitsForStarts",
  sentence: "what is to replace it does not start in this cycle, so it goes on",
};

function isStopCut(change: Change, i: number, granted: Granted): boolean {
  return granted.stops[i]! < change.stops;
}

function cutStartsThatWait(
  snapshot: Snapshot,
  changes: readonly Change[],
  order: readonly number[],
  granted: Granted,
  checkAll: boolean,
): void {
  const variants = snapshot.workloads.flatMap((workload) => workload.variants);
  for (const pool of snapshot.inventory.pools) {
    const own = order.filter((i) => changes[i]!.variant.pool === pool.name);
    if (!checkAll && !own.some((i) => isStopCut(changes[i]!, i, granted))) continue;
    const starting = own.filter((i) => granted.starts[i]! > 0);
    const running = variants.filter((variant) => variant.pool === pool.name);
    const wishes = starting.map((i) => ({ variant: changes[i]!.variant, count: granted.starts[i]! }));
    const stopping = own.map((i) => ({ variant: changes[i]!.variant, count: granted.stops[i]! }));
    const fitting = fittingNow(pool, running, wishes, stopping);
    starting.forEach((i, k) => {
      const sentence = `${fitting[k]} of ${granted.starts[i]} starts fit beside what runs in ${pool.name} for now`;
      cut(granted, "starts", i, fitting[k]!, { code: "WaitsForStops", sentence });
    });
  }
}

/** Tenants with a quota share limits with themselves, and through cohorts with each other. */
function cutStartsUnderQuota(snapshot: Snapshot, changes: readonly Change[], granted: Granted): void {
  const limited = new Set(snapshot.quotas.map(({ tenant }) => tenant));
  const inCohort = new Set(snapshot.quotas.filter(({ cohort }) => cohort !== undefined).map(({ tenant }) => tenant));
  const keeping = changes.flatMap((change, i) => {
    const { tenant } = change.workload;
    return tenant !== undefined && limited.has(tenant) && isStopCut(change, i, granted) ? [tenant] : [];
  });
  if (keeping.length === 0) return;
  const ofCohorts = keeping.some((tenant) => inCohort.has(tenant));
  changes.forEach(({ workload: { tenant } }, i) => {
    if (tenant === undefined || !(keeping.includes(tenant) || (ofCohorts && inCohort.has(tenant)))) return;
    const sentence = `replicas under the quota of ${tenant} go on that were to stop`;
    cut(granted, "starts", i, 0, { code: "WaitsForStops", sentence });
  });
}

function cutStopsThatWait(changes: readonly Change[], granted: Granted): void {
  const waiting = new Set(
    changes.flatMap(({ workload, starts }, i) => (granted.starts[i]! < starts ? [workload.name] : [])),
  );
  changes.forEach(({ workload }, i) => {
    if (waiting.has(workload.name)) cut(granted, "stops", i, 0, STOPS_WAIT);
  });
}
