import {
  applyChanges,
  type ChangeSet,
  type EngineName,
  openSession,
  PlacementSession,
  type Plan,
  type SolveOptions,
} from "../src/index.ts";
import type { PlacementProblem } from "../src/problem/types.ts";
import { blockedDuring } from "./blocked.ts";
import { diceOf, round3 } from "./fleets/dice.ts";
import type { Outcome } from "./job.ts";
import { countsOf } from "./quality.ts";
import { type Measured, outcomeOf, timed } from "./solved.ts";

/** A plan, and what changed since; `after` is the problem with the changes, and with the plan running. */
interface Change {
  problem: PlacementProblem;
  before: Plan;
  after: PlacementProblem;
  changes: ChangeSet;
}

/** The second plan, and the longest time for which whoever asked for it could do nothing else. */
type Replanned = Measured & { blockedMs: number };

/** A way to plan again after a change, with the plan before the change in hand. */
type Replan = (change: Change, options: SolveOptions) => Promise<Replanned>;

/** Rounds that a session has behind it when it is measured: a service's code is compiled. */
const WARM_ROUNDS = 8;

/** A round of a session that has been asked before. */
async function roundOf(
  session: Pick<PlacementSession, "ready" | "whatIf" | "replan">,
  { changes }: Change,
  options: SolveOptions,
): Promise<Replanned> {
  await session.ready();
  for (let i = 0; i < WARM_ROUNDS; i++) await session.whatIf(changes, options);
  const { value: plan, ms, blockedMs } = await blockedDuring(() => session.replan(changes, options));
  return { plan, ms, blockedMs, events: [] };
}

async function inThread(change: Change, options: SolveOptions): Promise<Replanned> {
  const session = await openSession(change.problem, change.before);
  try {
    return await roundOf(session, change, options);
  } finally {
    await session.close();
  }
}

async function solvedAnew(problem: PlacementProblem, options: SolveOptions): Promise<Replanned> {
  const { value, blockedMs } = await blockedDuring(() => timed(problem, options));
  return { ...value, blockedMs };
}

/**
 * The ways that exist. `cold` forgets the plan before, but for what runs; `warm` starts from its prices and counts; `session` is a round of
 * a session in the caller's thread, `thread` of one in a thread of its own.
 */
export const WAYS: Record<string, Replan> = {
  cold: ({ after }, options) => solvedAnew(after, options),
  warm: ({ before, after }, options) => solvedAnew(after, { ...options, previous: before }),
  session: (change, options) => roundOf(new PlacementSession(change.problem, change.before), change, options),
  thread: inThread,
};

/** Demands of that share of the workloads move by up to ± 30 %. */
function changesOf(problem: PlacementProblem, share: number): ChangeSet {
  const dice = diceOf(problem.workloads.length + 17);
  const moved = new Set(
    dice
      .shuffle(problem.workloads.map((_, m) => m))
      .slice(0, Math.max(1, Math.round(share * problem.workloads.length))),
  );
  const demands = problem.workloads.flatMap((w, m) =>
    moved.has(m) ? [[w.name, round3(w.demandPerSecond * dice.between(0.7, 1.3))] as const] : [],
  );
  return { demandPerSecond: Object.fromEntries(demands) };
}

/** What the plan said runs. */
function running(problem: PlacementProblem, before: Plan): PlacementProblem {
  const counts = countsOf(problem, before);
  const workloads = problem.workloads.map((w, m) => ({
    ...w,
    variants: w.variants.map((v, i) => ({ ...v, currentReplicas: counts[m]![i]! })),
  }));
  return { ...problem, workloads };
}

/** Demands of that share of the workloads move; what runs now is what the plan said. */
export function changed(problem: PlacementProblem, before: Plan, share: number): PlacementProblem {
  return applyChanges(running(problem, before), changesOf(problem, share));
}

/** Plans, changes demands, plans again: the outcome is of the second plan. */
export async function replanned(
  problem: PlacementProblem,
  job: { engine: EngineName; limitMs: number; way: string; changedShare: number },
): Promise<Outcome> {
  const replan = WAYS[job.way];
  if (!replan) throw new Error(`no way to replan ${job.way}; there is ${Object.keys(WAYS).join(", ")}`);
  const options: SolveOptions = { engine: job.engine, timeLimitMs: job.limitMs };
  const { plan: before } = await timed(problem, options);
  const changes = changesOf(problem, job.changedShare);
  const after = changed(problem, before, job.changedShare);
  const second = await replan({ problem, before, after, changes }, options);
  return { ...outcomeOf(after, second), blockedMs: second.blockedMs };
}
