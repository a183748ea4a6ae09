import type { Directory } from "./directory.ts";
import type { Draft } from "./draft.ts";
import { printed } from "./printed.ts";
import type { Report } from "./report.ts";
import type { ReadProblem } from "./schema.ts";

/** Cohorts of a cycle that its violation names. */
const SHOWN_COHORTS = 8;

/** Quotas name pools and cohorts that exist; each tenant has one for each pool; a guarantee is one of a pool. */
export function checkQuotas(problem: Draft<ReadProblem>, directory: Directory, report: Report): void {
  const { pools, cohorts } = directory;
  const quotas = new RowNames("quota", report);
  problem.quotas?.forEach((quota, q) => {
    if (quota === null) return;
    const path = `quotas[${q}]`;
    if (quota.pool != null && pools.complete && !pools.byName.has(quota.pool)) {
      report.addUnknownName(`${path}.pool`, quota.pool, pools.byName, "pools");
    }
    if (quota.cohort != null && cohorts.complete && !cohorts.byName.has(quota.cohort)) {
      report.addUnknownName(`${path}.cohort`, quota.cohort, cohorts.byName, "cohorts");
    }
    if (quota.pool === undefined && (quota.guaranteedDevices ?? 0) > 0) {
      const fix = "add the pool that the guarantee is of";
      report.add(`${path}.guaranteedDevices`, quota.guaranteedDevices, "0 where the quota names no pool", fix);
    }
    if (quota.tenant !== null && quota.pool !== null) quotas.see(quota.tenant, quota.pool, path, "tenant and pool");
  });
}

/** Cohorts name pools and parents that exist, and form trees. */
export function checkCohorts(problem: Draft<ReadProblem>, directory: Directory, report: Report): void {
  const { pools, cohorts } = directory;
  const rows = new RowNames("cohort", report);
  problem.cohorts?.forEach((cohort, c) => {
    if (cohort === null) return;
    const path = `cohorts[${c}]`;
    if (cohort.pool != null && pools.complete && !pools.byName.has(cohort.pool)) {
      report.addUnknownName(`${path}.pool`, cohort.pool, pools.byName, "pools");
    }
    if (cohort.parent != null && cohorts.complete && !cohorts.byName.has(cohort.parent)) {
      report.addUnknownName(`${path}.parent`, cohort.parent, cohorts.byName, "cohorts");
    }
    // Two cohorts of one name are reported as such.
    if (cohort.name === null || cohort.pool === null || cohorts.byName.get(cohort.name) !== cohort) return;
    rows.see(cohort.name, cohort.pool, path, "name and pool");
  });
  checkCycles(problem, directory, report);
}

/** Follows parents from every cohort; each cycle is reported once, at its first cohort in the input. */
function checkCycles(problem: Draft<ReadProblem>, directory: Directory, report: Report): void {
  const walked = new Set<string>();
  problem.cohorts?.forEach((start, c) => {
    const trail = new Set<string>();
    let name = start?.name;
    while (name != null && !walked.has(name) && !trail.has(name)) {
      trail.add(name);
      name = directory.cohorts.byName.get(name)?.parent;
    }
    if (name != null && trail.has(name)) {
      const names = [...trail];
      const cycle = cycleText(names.slice(names.indexOf(name)), name);
      report.add(
        `cohorts[${c}].parent`,
        start?.parent,
        `cohorts form trees; this is a cycle: ${cycle}`,
        "remove one parent",
      );
    }
    for (const part of trail) walked.add(part);
  });
}

function cycleText(names: readonly string[], back: string): string {
  const shown = names.slice(0, SHOWN_COHORTS);
  const gap = names.length > shown.length ? [`${names.length - shown.length} more`] : [];
  return [...shown.map(printed), ...gap, printed(back)].join(" → ");
}

/**
 * Rows of quotas and cohorts are called `<owner>/<pool>`, `*` for all pools. A name with a slash, or a pool called `*`, may give
 * two of them the same.
 */
class RowNames {
  readonly #seen = new Map<string, { path: string; owner: string; pool: string | undefined }>();
  readonly #kind: string;
  readonly #report: Report;

  constructor(kind: string, report: Report) {
    this.#kind = kind;
    this.#report = report;
  }

  see(owner: string, pool: string | undefined, path: string, what: string): void {
    const row = `${owner}/${pool ?? "*"}`;
    const first = this.#seen.get(row);
    if (first === undefined) {
      this.#seen.set(row, { path, owner, pool });
      return;
    }
    const same = first.owner === owner && first.pool === pool;
    const rule = `each ${this.#kind} has its own ${what}${same ? "" : ", also when joined by a slash (* for all pools)"}`;
    this.#report.add(
      path,
      row,
      rule,
      same ? `merge it into ${first.path}` : `rename what it shares with ${first.path}`,
    );
  }
}
