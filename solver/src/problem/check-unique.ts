import type { Draft } from "./draft.ts";
import type { Report } from "./report.ts";
import type { ReadProblem } from "./schema.ts";

/** Names are unique in their kind, variant names in the whole problem, priorities among the classes. */
export function checkUnique(problem: Draft<ReadProblem>, report: Report): void {
  new Unique("pool", report).seeNames(problem.pools, "pools");
  new Unique("cohort", report).seeNames(problem.cohorts, "cohorts");
  new Unique("workload", report).seeNames(problem.workloads, "workloads");
  const variants = new Unique("variant", report);
  problem.workloads?.forEach((workload, w) => {
    variants.seeNames(workload?.variants ?? null, `workloads[${w}].variants`);
    const types = new Unique("request type of the workload", report);
    types.seeNames(workload?.requestTypes ?? null, `workloads[${w}].requestTypes`);
  });
  const classes = new Unique("class", report, "priority");
  problem.classes?.forEach((rule, c) => {
    classes.see(rule?.priority, `classes[${c}].priority`);
  });
}

class Unique {
  readonly #firstAt = new Map<string | number, string>();
  readonly #kind: string;
  readonly #report: Report;
  readonly #what: string;

  constructor(kind: string, report: Report, what = "name") {
    this.#kind = kind;
    this.#report = report;
    this.#what = what;
  }

  seeNames(entries: readonly ({ name: string | null } | null)[] | null, path: string): void {
    entries?.forEach((entry, index) => {
      this.see(entry?.name, `${path}[${index}].name`);
    });
  }

  see(value: string | number | null | undefined, path: string): void {
    if (value == null) return;
    const first = this.#firstAt.get(value);
    if (first === undefined) {
      this.#firstAt.set(value, path);
      return;
    }
    const rule = `each ${this.#kind} has a ${this.#what} of its own`;
    this.#report.add(path, value, rule, `change it, or merge with ${first}, which has the same ${this.#what}`);
  }
}
