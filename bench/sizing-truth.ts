/**
 * Simulates random configurations at a grid of rates: what `bench/sizing-fit.ts` learns from. Appends a line of JSON for each.
 *
 *   node bench/sizing-truth.ts --seed 9101 [--from 0] [--configurations 1000] [--requests 2500] [--file FILE]
 */
import { appendFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { configurations } from "../test/simulation/configurations.ts";
import { simulatedTruth, type Truth } from "./sizing/truth.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "0" },
    configurations: { type: "string", default: "1000" },
    requests: { type: "string", default: "2500" },
    known: { type: "string" },
    file: { type: "string", default: join(tmpdir(), "sizing-truth.jsonl") },
  },
});
const seed = Number(values.seed);
const all = configurations(Number(values.configurations), seed);
const known = new Map<string, Truth>();
if (values.known !== undefined)
  for (const line of readFileSync(values.known, "utf8").trim().split("\n")) {
    const truth: Truth = JSON.parse(line);
    known.set(truth.name, truth);
  }
for (let i = Number(values.from); i < all.length; i++) {
  const truth = simulatedTruth(all[i]!, Number(values.requests), seed * 1000 + i, known.get(all[i]!.name));
  appendFileSync(values.file, `${JSON.stringify(truth)}\n`);
}
