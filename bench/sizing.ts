/**
 * What sized rates are worth: random configurations, each sized by this project's analyzer and by the predecessors', and judged by
 * simulating the replica at that rate.
 *
 *   node bench/sizing.ts [--configurations 200] [--seed 6006] [--requests 4000] [--write]
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DOCS, writeSection } from "../solver/bench/sections.ts";
import { configurations } from "../test/simulation/configurations.ts";
import { chart } from "./sizing/chart.ts";
import { judge } from "./sizing/judge.ts";
import { report } from "./sizing/report.ts";

const { values } = parseArgs({
  options: {
    configurations: { type: "string", default: "200" },
    seed: { type: "string", default: "6006" },
    requests: { type: "string", default: "4000" },
    write: { type: "boolean", default: false },
  },
});
const count = Number(values.configurations);
const requests = Number(values.requests);

const before = process.cpuUsage();
const verdicts = configurations(count, Number(values.seed)).flatMap((configuration, i) => {
  if (i > 0 && i % 20 === 0) console.error(`${i} of ${count}`);
  return judge(configuration, { requests, seed: 1_000_000 + i });
});
const { user, system } = process.cpuUsage(before);

const lines = [
  ...report(verdicts),
  "",
  `${count} configurations (seed ${values.seed}), at least ${requests} measured requests each; ${((user + system) / 1e6).toFixed(0)} s of CPU.`,
];
console.log(lines.join("\n"));
if (values.write) {
  writeFileSync(join(DOCS, "benchmarks/sizing.svg"), chart(verdicts));
  writeSection({ name: "sizing", lines });
}
