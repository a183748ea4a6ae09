import { expect, test } from "vitest";
import { fleet } from "../../bench/generator.ts";
import { scenariosFor } from "../../bench/scenarios.ts";
import { openSession, PlacementSession, type Scenario, solve, type ThreadSession } from "../../src/index.ts";
import { textOf } from "../threads/fleets.ts";

/** Ends where its gap is, whatever the machine: both sessions stand on the same plan. */
const FULL = { engine: "price", gap: 0.02, timeLimitMs: 200_000 } as const;
/** Large what-ifs, for which all around them is placed anew, and a round that follows closely enough for anyone: both need no full solve. */
const MANY = { ...FULL, full: "never", plans: true } as const;
const ANY_GAP = { ...FULL, gapSlack: 10 } as const;

/** Times that a timer of this thread came to its turn while something ran. */
async function turnsDuring<T>(work: () => Promise<T>): Promise<{ value: T; turns: number }> {
  let turns = 0;
  const timer = setInterval(() => {
    turns++;
  }, 1);
  try {
    return { value: await work(), turns };
  } finally {
    clearInterval(timer);
  }
}

test("rounds on a scarce fleet of 10,000 leave the caller's event loop its turns, with the same answers", {
  timeout: 300_000,
}, async () => {
  const problem = fleet({ workloads: 10_000, pools: 50, ratio: 0.7, seed: 1, rule: "penalty", shapes: false });
  const plan = await solve(problem, FULL);
  const sets = scenariosFor(problem, 3);
  const [changes] = scenariosFor(problem, 5).slice(-1);
  const all = async (session: Pick<ThreadSession, "ready" | "whatIfs" | "replan">) => {
    await session.ready();
    const many = await turnsDuring(() => session.whatIfs(sets, MANY));
    const next = await turnsDuring(() => session.replan(changes, ANY_GAP));
    return { many, next };
  };
  const session = await openSession(problem, plan);
  const there = await all(session);
  await session.close();
  const here = await all(new PlacementSession(problem, plan));

  // in this thread there is one turn between two of them
  expect(here.many.turns).toBeLessThanOrEqual(sets.length);
  expect(there.many.turns).toBeGreaterThan(5 * sets.length);
  expect(here.next.turns).toBe(0);
  expect(there.next.turns).toBeGreaterThan(3);

  const texts = (list: Scenario[]) => list.map((s) => JSON.stringify({ ...s, plan: s.plan && textOf(s.plan) }));
  expect(texts(there.many.value)).toEqual(texts(here.many.value));
  expect(there.many.value.every((s) => s.plan?.workloads.length === 10_000)).toBe(true);
  expect(textOf(there.next.value)).toBe(textOf(here.next.value));
});
