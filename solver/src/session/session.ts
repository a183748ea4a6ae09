import { type SolveOptions, UnverifiedPlanError, type VerifyReport } from "../api.ts";
import { checkApart } from "../engines/check-thread.ts";
import { nextTurn } from "../engines/next-turn.ts";
import { sharedNowMs } from "../engines/solver-protocol.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { variantsOf } from "../size.ts";
import { solve } from "../solve.ts";
import { verify } from "../verify/verify.ts";
import { type Base, baseOf } from "./base.ts";
import { changedInstance } from "./changed-instance.ts";
import { applyChanges, type ChangeSet, running } from "./changes.ts";
import { committed } from "./commit.ts";
import { quickPlan, type Summary, summaryOf } from "./quick-plan.ts";
import { quickRound, type Round, type RoundLimits } from "./quick-round.ts";

export interface RoundOptions extends SolveOptions {
  /**
   * `auto` (default): a quick round where its gaps come close to those of the last full solve, else a full one from the plan and prices
   * of the round before. `full`: always that.
   */
  round?: "auto" | "full";
  /** How much wider than that of the last full solve the gap of a quick round's cost or penalty may be: of it, in parts. Default 0.001. */
  gapSlack?: number;
  /** Whether a quick plan is checked before it is handed out, or by `check` when that suits. Default `now` up to 4,000 variants. */
  check?: "now" | "apart";
}

export interface WhatIfsOptions extends RoundOptions {
  /** With their plans, not only what they come to. */
  plans?: boolean;
  /**
   * Whether a what-if that no quick round follows closely enough is solved in full, or takes the best quick round there is: its gap tells
   * how far that may be from the optimum. Default `never` beyond 1,000 workloads. Where there is no quick round at all, all are solved.
   */
  full?: "needed" | "never";
}

/** One of many what-ifs. `plan` where plans were asked for, or a full solve was needed. */
export interface Scenario extends Summary {
  plan?: Plan;
}

/** Up to this many workloads a full solve is no long wait. */
const SOLVED_UP_TO_WORKLOADS = 1_000;
/** Up to this many variants the check of a plan takes about as long as a quick round. */
const CHECKED_UP_TO_VARIANTS = 4_000;
/** What a quick round keeps is made in the caller's thread: beyond this, its steps would take too long there. */
const QUICK_UP_TO_VARIANTS = 100_000;
/** Engines whose plans quick rounds may follow. */
const QUICK_ENGINES = new Set(["auto", "price"]);

/**
 * Rounds of planning on one problem. What the last plan asked for counts as running, so that start costs keep it unless a change is worth
 * them. After a full plan, small changes are followed by quick rounds: only the workloads and pools that they touch are priced and placed
 * anew. One call at a time.
 */
export class PlacementSession {
  private problem: PlacementProblem;
  /** The last plan, with the problem that it is a plan of. */
  private last: { problem: PlacementProblem; plan: Plan } | undefined;
  private base: Base | undefined;
  private preparing: Promise<void> | undefined;
  private readonly solver: typeof solve;

  /**
   * `plan`: one of this very problem that runs already; without it, the first round is a full one. `solver`: what full rounds are solved
   * with, default `solve`.
   */
  constructor(problem: PlacementProblem, plan?: Plan, solver = solve) {
    this.problem = problem;
    this.solver = solver;
    if (plan) this.follow(problem, plan);
  }

  /** Plans the problem with the changes, which then are part of it. @throws UnknownNameError, and what `solve` throws */
  async replan(changes: ChangeSet = {}, options: RoundOptions = {}): Promise<Plan> {
    await this.ready();
    const started = sharedNowMs();
    const base = this.baseFor(options);
    const round = base && roundOf(base, changes, options);
    if (round) {
      const plan = this.finished(base, round, options, started);
      this.last = { problem: round.changed.problem, plan };
      this.base = committed(base, round, plan);
      this.problem = this.base.problem;
      return plan;
    }
    const next = applyChanges(this.problem, changes);
    const plan = await this.solved(next, options);
    this.follow(next, plan);
    return plan;
  }

  /** A what-if: plans the problem with the changes from the state of the last round, which stays as it is. */
  async whatIf(changes: ChangeSet, options: RoundOptions = {}): Promise<Plan> {
    await this.ready();
    const started = sharedNowMs();
    const base = this.baseFor(options);
    const round = base && roundOf(base, changes, options);
    return round
      ? this.finished(base, round, options, started)
      : this.solved(applyChanges(this.problem, changes), options);
  }

  /** Many what-ifs, each on its own. Others have their turn between two of them. */
  async whatIfs(list: readonly ChangeSet[], options: WhatIfsOptions = {}): Promise<Scenario[]> {
    const { plans, full, ...rest } = options;
    const scenarios: Scenario[] = [];
    await this.ready();
    const many = this.problem.workloads.length > SOLVED_UP_TO_WORKLOADS;
    const nearest = (full ?? (many ? "never" : "needed")) === "never";
    for (const changes of list) {
      if (scenarios.length > 0) await nextTurn();
      const started = sharedNowMs();
      const base = this.baseFor(rest);
      const round = base && roundOf(base, changes, { gapSlack: rest.gapSlack, nearest });
      if (!round) scenarios.push(this.comparedWithLast(await this.solved(applyChanges(this.problem, changes), rest)));
      else if (plans || checksNow(base, rest))
        scenarios.push({ ...summaryOf(base, round), plan: this.finished(base, round, rest, started) });
      else scenarios.push(summaryOf(base, round));
    }
    return scenarios;
  }

  /** Resolves once quick rounds are possible: what they need is made in steps after a full plan, between the caller's own work. */
  async ready(): Promise<void> {
    await this.preparing;
  }

  /** Checks the last plan in a thread of its own. @throws where there is no plan yet */
  async check(): Promise<VerifyReport> {
    if (!this.last) throw new Error("there is no plan to check yet: call replan first");
    return checkApart(this.last.problem, this.last.plan);
  }

  private follow(planned: PlacementProblem, plan: Plan): void {
    this.last = { problem: planned, plan };
    this.base = undefined;
    this.preparing = this.prepare(planned, plan);
    // the next call tells
    this.preparing.catch(() => undefined);
  }

  private baseFor(options: RoundOptions): Base | undefined {
    const quick = options.round !== "full" && !options.cures && QUICK_ENGINES.has(options.engine ?? "auto");
    return quick ? this.base : undefined;
  }

  private finished(base: Base, round: Round, options: RoundOptions, startedMs: number): Plan {
    const plan = quickPlan(base, round);
    plan.elapsedMs = Math.round((sharedNowMs() - startedMs) * 1000) / 1000;
    if (checksNow(base, options)) {
      const report = verify(round.changed.problem, plan);
      if (!report.ok) throw new UnverifiedPlanError(plan, report);
    }
    return plan;
  }

  private solved(
    problem: PlacementProblem,
    { round: _, check: __, gapSlack: ___, ...options }: RoundOptions,
  ): Promise<Plan> {
    return this.solver(problem, this.last ? { ...options, previous: this.last.plan } : options);
  }

  private async prepare(planned: PlacementProblem, plan: Plan): Promise<void> {
    await nextTurn();
    this.problem = running(planned, plan);
    if (variantsOf(planned) > QUICK_UP_TO_VARIANTS) return;
    const steps = baseOf(this.problem, plan);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) {
        this.base = step.value;
        return;
      }
      await nextTurn();
    }
  }

  private comparedWithLast(plan: Plan): Scenario {
    const before = new Map(this.last?.plan.workloads.map((w) => [w.name, w.variants]));
    const changed = plan.workloads.flatMap(({ name, variants }) => {
      const own = before.get(name);
      return variants.every((v, i) => own?.[i]?.replicas === v.replicas) ? [] : [name];
    });
    return { status: plan.status, objective: plan.objective, classes: plan.classes, changed, plan };
  }
}

function roundOf(base: Base, changes: ChangeSet, limits: RoundLimits): Round | undefined {
  const changed = changedInstance(base, changes);
  return changed && quickRound(base, changed, limits);
}

function checksNow(base: Base, options: RoundOptions): boolean {
  const small = base.instance.variants.length <= CHECKED_UP_TO_VARIANTS;
  return (options.check ?? (small ? "now" : "apart")) === "now";
}
