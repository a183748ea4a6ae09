import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EngineError, type EngineName, type Plan, solve } from "../src/index.ts";
import { type FleetOptions, fleet } from "./generator.ts";

/**
 * Time and gap by size, shortage, rule and engine: `npm run bench -- [--sizes 10,30] [--seeds 1,2] [--limit 10] [--out FILE]`.
 * A row is the worst seed of its cell. Gaps: the largest of cost (or penalty) and the rungs, levels or totals of the classes.
 */
const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "10,30,100,300" },
    ratios: { type: "string", default: "2,1,0.7" },
    rules: { type: "string", default: "max-min,proportional,total,dominant-share,penalty" },
    engines: { type: "string", default: "auto,highs,heuristic,jslp" },
    seeds: { type: "string", default: "1,2" },
    limit: { type: "string", default: "10" },
    out: { type: "string" },
  },
});
const list = (text: string) => text.split(",");
const NAMES: Record<string, string> = { "2": "ample", "1": "tight", "0.7": "scarce" };

/** Weight that a class's rungs may hide between reached and bound, over the weight of the class's worst rung; or the level's gap. */
function classGap(plan: Plan): number {
  let worst = 0;
  for (const c of plan.classes) {
    if (c.ladder.length > 0) {
      const most = Math.max(1, ...c.ladder.map((r) => r.reached));
      for (const r of c.ladder) worst = Math.max(worst, (r.reached - r.bound) / most);
    }
    if (c.rule === "total" || c.rule === "proportional")
      worst = Math.max(worst, (c.levelBound - c.level) / Math.max(1e-9, c.levelBound));
  }
  return plan.objective.name === "penalty" ? 0 : worst;
}

interface Cell {
  ms: number;
  cost: number;
  classes: number;
  proved: number;
  seeds: number;
}

async function measure(options: FleetOptions, engine: EngineName): Promise<Cell | undefined> {
  try {
    const plan = await solve(fleet(options), { engine, timeLimitMs: Number(values.limit) * 1000 });
    return {
      ms: plan.elapsedMs,
      cost: plan.objective.gap,
      classes: classGap(plan),
      proved: plan.status === "optimal" ? 1 : 0,
      seeds: 1,
    };
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

const percent = (g: number) => (g === 0 ? "0" : `${(100 * g).toPrecision(2)} %`);
const lines = [
  "| workloads | capacity | rule | engine | slowest ms | proved | cost gap | class gap |",
  "|---|---|---|---|---|---|---|---|",
];
for (const size of list(values.sizes).map(Number))
  for (const ratio of list(values.ratios))
    for (const rule of list(values.rules) as FleetOptions["rule"][])
      for (const engine of list(values.engines) as EngineName[]) {
        const cells: Cell[] = [];
        for (const seed of list(values.seeds).map(Number)) {
          const pools = Math.max(4, Math.min(20, Math.round(size / 10)));
          const cell = await measure(
            { workloads: size, pools, ratio: Number(ratio), seed, rule, shapes: true },
            engine,
          );
          if (cell) cells.push(cell);
        }
        if (cells.length === 0) continue;
        const most = (f: (c: Cell) => number) => Math.max(...cells.map(f));
        const proved = cells.reduce((s, c) => s + c.proved, 0);
        const line = `| ${size} | ${NAMES[ratio] ?? ratio} | ${rule} | ${engine} | ${most((c) => c.ms).toFixed(0)} | ${proved}/${cells.length} | ${percent(most((c) => c.cost))} | ${percent(most((c) => c.classes))} |`;
        lines.push(line);
        console.log(line);
      }
if (values.out) writeFileSync(values.out, `${lines.join("\n")}\n`);
