import { parseArgs } from "node:util";
import type { EngineName } from "../src/index.ts";

/** What the sub-commands can be told. Lists that are not given are the sub-command's own. */
export interface Settings {
  command: string;
  /** Tiny fleets and one seed: shows that everything runs, says nothing about speed. */
  quick: boolean;
  /** Update the command's section of docs/benchmarks.md, and the best known plans and bounds. */
  write: boolean;
  /** Take peers' runs of the same limit from the cache instead of running them again. */
  reuse: boolean;
  /** Every process solves a smaller fleet before it is measured, as a service has; without: all of its start counts. */
  warm: boolean;
  engine: EngineName;
  engines?: EngineName[];
  seeds: number[];
  sizes?: number[];
  ratios?: number[];
  rules?: string[];
  limitMs?: number;
}

/** Devices over what full service needs: ample, tight, scarce. */
export const CAPACITIES = [2, 1, 0.7];

export const USAGE = `npm run bench -- COMMAND [options]

  sizes       up to 50 workloads: proved optimal, time (--rules, --engines)
  scale       penalty, 1,000 to 100,000 workloads: gap within a limit, what plan and bound lack, memory, growth
  ladder      three classes by max-min on node shapes: time until levels are proved, what rungs leave open
  replan      1 % of demands changed: time and gap of the second plan (--rules)
  scenarios   a hundred what-ifs on one base, beside the cold solve of it (--rules)
  real        fleets shaped like examples/fleet.yaml, 50 to 10,000 workloads
  peers       HiGHS native and WebAssembly, and the predecessors' greedy, on the same problems
  plot        docs/benchmarks/gap-over-time.svg
  references  best plans and bounds known, from long runs: solver/bench/references.json
  all         all of these but references

  --quick  --write  --reuse  --warm  --engine NAME  --engines A,B  --seeds 1,2,3  --sizes N,N  --ratios 2,1,0.7  --rules A,B
  --limit SECONDS`;

export function settingsFrom(args: string[]): Settings {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      reuse: { type: "boolean", default: false },
      warm: { type: "boolean", default: false },
      engine: { type: "string", default: "auto" },
      engines: { type: "string" },
      seeds: { type: "string" },
      sizes: { type: "string" },
      ratios: { type: "string" },
      rules: { type: "string" },
      limit: { type: "string" },
    },
  });
  const list = (text?: string) => text?.split(",");
  const numbers = (text?: string) => list(text)?.map(Number);
  const { quick, write, reuse, warm } = values;
  if (quick && write) throw new Error("--quick measures nothing that could be written down: leave out --write");
  return {
    command: positionals[0] ?? "",
    quick,
    write,
    reuse,
    warm,
    engine: values.engine as EngineName,
    engines: list(values.engines) as EngineName[] | undefined,
    seeds: numbers(values.seeds) ?? (quick ? [1] : [1, 2, 3]),
    sizes: numbers(values.sizes),
    ratios: numbers(values.ratios),
    rules: list(values.rules),
    limitMs: values.limit === undefined ? undefined : 1000 * Number(values.limit),
  };
}
