import { type EngineName, solve } from "../src/index.ts";
import { type InstanceSpec, problemOf } from "./fleets/instance.ts";
import type { Job, Outcome } from "./job.ts";
import { greedyOutcome } from "./peers/greedy-outcome.ts";
import { highsWasm } from "./peers/highs-wasm.ts";
import { replanned } from "./replan.ts";
import { scenariosOf } from "./scenarios.ts";
import { outcomeOf, timed } from "./solved.ts";

const WARM_UP = { workloads: 1_000, limitMs: 2_000 };

/** What a service that has solved before has behind it: its threads run and its code is compiled. */
async function warmUp({ instance, engine }: { instance: InstanceSpec; engine: EngineName }): Promise<void> {
  const small = { ...instance, workloads: Math.min(WARM_UP.workloads, instance.workloads), seed: 1000 };
  await solve(problemOf(small), { engine, timeLimitMs: WARM_UP.limitMs });
}

/** Runs a job in this process. */
export async function measure(job: Job): Promise<Outcome> {
  if ("warm" in job && job.warm) await warmUp(job);
  const problem = problemOf(job.instance);
  switch (job.what) {
    case "solve": {
      const { engine, limitMs, gap } = job;
      const options = { engine, timeLimitMs: limitMs, ...(gap === undefined ? {} : { gap }) };
      return outcomeOf(problem, await timed(problem, options));
    }
    case "replan":
      return await replanned(problem, job);
    case "scenarios":
      return await scenariosOf(problem, job);
    case "greedy":
      return greedyOutcome(problem);
    case "highs-wasm":
      return await highsWasm(problem, job.limitMs);
  }
}
