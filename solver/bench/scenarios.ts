import { type ChangeSet, type EngineName, PlacementSession, type SolveOptions } from "../src/index.ts";
import type { PlacementProblem, Pool } from "../src/problem/types.ts";
import { type Dice, diceOf } from "./fleets/dice.ts";
import type { Outcome } from "./job.ts";
import { outcomeOf, timed } from "./solved.ts";

/** A pool with that share of its nodes or devices more (or less). */
function resized(pool: Pool, share: number): ChangeSet {
  const sized = (n: number) => Math.max(0, n + Math.sign(share) * Math.max(1, Math.round(Math.abs(share) * n)));
  return pool.nodes
    ? { nodes: { [pool.name]: pool.nodes.map((n) => ({ ...n, count: sized(n.count) })) } }
    : { devices: { [pool.name]: sized(pool.devices!) } };
}

function scenario(kind: number, problem: PlacementProblem, dice: Dice): ChangeSet {
  const pool = problem.pools[dice.pick(problem.pools.length)]!;
  const w = problem.workloads[dice.pick(problem.workloads.length)]!;
  const doubled: ChangeSet = { demandPerSecond: { [w.name]: 2 * w.demandPerSecond } };
  if (kind === 0) return resized(pool, 0.1);
  if (kind === 1) return resized(pool, -0.1);
  if (kind === 2) return resized(pool, -1);
  return kind === 3 ? doubled : { ...resized(pool, 0.1), ...doubled };
}

/** Mixed what-ifs: a pool grows, shrinks, is lost, one demand doubles, or a pool grows for it. The same problem gives the same ones. */
export function scenariosFor(problem: PlacementProblem, count: number): ChangeSet[] {
  const dice = diceOf(problem.workloads.length + 29);
  return Array.from({ length: count }, (_, i) => scenario(i % 5, problem, dice));
}

/** Plans once, then asks what if: the outcome is of the base, with the figures of all scenarios. */
export async function scenariosOf(
  problem: PlacementProblem,
  job: { engine: EngineName; limitMs: number; count: number },
): Promise<Outcome> {
  const options: SolveOptions = { engine: job.engine, timeLimitMs: job.limitMs };
  const cold = await timed(problem, options);
  const session = new PlacementSession(problem, cold.plan);
  await session.ready();
  const figures = { coldMs: cold.ms, allMs: 0, slowestMs: 0, full: 0, worstGap: 0 };
  for (const changes of scenariosFor(problem, job.count)) {
    const start = performance.now();
    const [scenario] = await session.whatIfs([changes], { ...options, check: "apart" });
    const ms = performance.now() - start;
    figures.allMs += ms;
    figures.slowestMs = Math.max(figures.slowestMs, ms);
    // a quick one has no plan where none is asked for
    if (scenario!.plan) figures.full++;
    figures.worstGap = Math.max(figures.worstGap, scenario!.objective.gap);
  }
  return { ...outcomeOf(problem, cold), scenarios: figures };
}
