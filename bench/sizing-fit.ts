/**
 * Learns the correction of `src/model/sizing/correction.ts` from simulated configurations (`bench/sizing-truth.ts`). First by
 * cross-validation, which tells what it is worth on configurations that it was not learned from; then from all of them.
 *
 *   node bench/sizing-fit.ts [--file FILE] [--sets 8] [--trees 40] [--least 25] [--met 3.3] [--write]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LOAD_FEATURES, REPLICA_FEATURES } from "../src/model/sizing/correction.ts";
import { TREE_DEPTH } from "../src/model/sizing/correction-trees.ts";
import { configurations } from "../test/simulation/configurations.ts";
import { type Boosted, boosted } from "./sizing/boosting.ts";
import { type Asked, askedSets, type Sized } from "./sizing/training-set.ts";
import type { Truth } from "./sizing/truth.ts";
import { worthOf } from "./sizing/worth.ts";

const { values } = parseArgs({
  options: {
    file: { type: "string", default: join(tmpdir(), "sizing-truth.jsonl") },
    sets: { type: "string", default: "8" },
    trees: { type: "string", default: "40" },
    least: { type: "string", default: "25" },
    met: { type: "string", default: "3.3" },
    write: { type: "boolean", default: false },
  },
});
const TREES = new URL("../src/model/sizing/correction-trees.ts", import.meta.url);
const FOLDS = 3;
const BINDINGS = ["ttftMs", "itlMs", "tpotMs", "endToEndMs", "throughput"] as const;
type Learned = Record<(typeof BINDINGS)[number], Boosted>;

function askedOf(file: string): Asked[][] {
  const truths = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line): Truth => JSON.parse(line));
  const seeds = [...Map.groupBy(truths, ({ name }) => Number(name.split("/")[0]))].sort(([a], [b]) => a - b);
  return seeds.flatMap(([seed, group]) => {
    const numbers = new Map(group.map((truth) => [Number(truth.name.split("/")[1]), truth]));
    const all = configurations(Math.max(...numbers.keys()) + 1, seed);
    return [...numbers]
      .sort(([a], [b]) => a - b)
      .map(([i, truth]) => askedSets(all[i]!, truth, Number(values.sets), seed * 10_000 + i));
  });
}

const bindingOf = ({ free, latency }: Sized) => (free ? "throughput" : latency);
/** Far misses count alike: what is wanted is that there are few. */
const errorOf = ({ simulated, analytic }: Sized) => Math.max(-1.5, Math.log(simulated / analytic));

/** A target that is met well beyond the rate of another never binds. */
const NEAR = 1.3;

function learned(sets: readonly Asked[]): Learned {
  const targets = sets.flatMap((set) => {
    const least = Math.min(...set.targets.map(({ analytic }) => analytic));
    return set.targets.filter(({ analytic }) => analytic <= NEAR * least);
  });
  const of = (binding: (typeof BINDINGS)[number]) => {
    const own = targets.filter((target) => bindingOf(target) === binding);
    const rises = binding === "throughput" ? 0 : 1;
    return boosted(
      { rows: own.map(({ features }) => features), values: Float64Array.from(own, errorOf) },
      {
        objective: worthOf(Number(values.met)),
        trees: Number(values.trees),
        depth: TREE_DEPTH,
        rate: 0.15,
        leastLeaf: Number(values.least),
        monotone: [...LOAD_FEATURES.map(() => rises), ...REPLICA_FEATURES.map(() => 0)],
      },
    );
  };
  return Object.fromEntries(BINDINGS.map((binding) => [binding, of(binding)])) as Learned;
}

function predicted({ base, features, thresholds, leaves }: Boosted, x: Float64Array): number {
  const splits = 2 ** TREE_DEPTH - 1;
  let sum = base;
  for (let split = 0, leaf = 0; leaf < leaves.length; split += splits, leaf += splits + 1) {
    let i = 0;
    while (i < splits) i = 2 * i + (x[features[split + i]!]! > thresholds[split + i]! ? 2 : 1);
    sum += leaves[leaf + i - splits]!;
  }
  return sum;
}

/** Shares of the sets whose rate is met, and at least 85 % of the highest, of sets that some rate serves. */
function report(what: string, sets: readonly Asked[], rateOf: (target: Sized) => number): void {
  let [met, most, all] = [0, 0, 0];
  for (const { targets } of sets) {
    const highest = Math.min(...targets.map(({ simulated }) => simulated));
    if (highest === 0) continue;
    const rate = Math.min(...targets.map(rateOf));
    all++;
    if (rate <= highest) met++;
    if (rate >= 0.85 * highest) most++;
  }
  const percent = (count: number) => `${((100 * count) / all).toFixed(1)} %`;
  console.log(`${what}: met ${percent(met)}, at least 85 % of the highest ${percent(most)}, of ${all}`);
}

function written(all: Learned): string {
  const source = readFileSync(TREES, "utf8");
  const head = source.slice(0, source.indexOf("export const CORRECTION_TREES"));
  const text = (list: readonly number[], digits: number) =>
    list
      .map((value) => (value === Number.POSITIVE_INFINITY ? "Infinity" : `${Number(value.toFixed(digits))}`))
      .join(" ");
  const lines = BINDINGS.map((binding) => {
    const { base, features, thresholds, leaves } = all[binding];
    const cells = [text(features, 0), text(thresholds, 6), text(leaves, 5)].map((cell) => `    "${cell}",\n`);
    return `  ${binding}: trees(\n    ${base.toFixed(3)},\n${cells.join("")}  ),\n`;
  });
  return `${head}export const CORRECTION_TREES: Record<Corrected, Trees> = {\n${lines.join("")}};\n`;
}

const asked = askedOf(values.file);
report("before", asked.flat(), ({ analytic }) => analytic);
const rates = new Map<Sized, number>();
for (let fold = 0; fold < FOLDS; fold++) {
  const sets = (inside: boolean) => asked.filter((_, i) => (i % FOLDS === fold) === inside).flat();
  const trees = learned(sets(false));
  for (const target of sets(true).flatMap(({ targets }) => targets))
    rates.set(target, target.analytic * Math.exp(predicted(trees[bindingOf(target)], target.features)));
}
report("cross-validated", asked.flat(), (target) => rates.get(target)!);
console.log(`${asked.length} configurations, ${rates.size} targets`);
if (values.write) writeFileSync(TREES, written(learned(asked.flat())));
