/**
 * Makes the example that ships with the project from raw data:
 *
 *     node scripts/make-example.ts TRACE.csv FLEET.csv [FOLDER]
 *
 * TRACE.csv: the Azure LLM inference trace; FLEET.csv: node shapes of a GPU cluster. FOLDER (default `examples`) gets copies of both,
 * a count of the trace by minute, `fleet.snapshot.yaml` and `fleet.yaml`. What people chose stands in the tables
 * `examples/*.yaml`. The same input gives the same bytes.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { snapshotToProblem } from "../src/plan/snapshot-to-problem.ts";
import { parseSnapshot } from "../src/snapshot/codec.ts";
import { round } from "./example/profile.ts";
import { exampleSnapshot } from "./example/snapshot.ts";
import { type AcceleratorTable, type ModelTable, readTable, type WorkloadTable } from "./example/tables.ts";
import { perMinuteCsv, readTrace } from "./example/trace.ts";

const TABLES = join(import.meta.dirname, "../examples");

const SNAPSHOT_HEAD = `# A fleet of 1,213 GPU nodes with the workloads of five teams. Made by scripts/make-example.ts from data/ and the tables beside this
# file; do not edit by hand. Prices and costs are in USD per hour. What each number rests on: README.md.
#
#     apportion plan examples/fleet.snapshot.yaml

`;
const PROBLEM_HEAD = `# fleet.snapshot.yaml with its replicas sized: capacities follow from performance profiles, token mixes and SLOs. Made by
# scripts/make-example.ts; do not edit by hand.
#
#     apportion solve examples/fleet.yaml

`;

function main([tracePath, fleetPath, folder = TABLES]: string[]): void {
  if (tracePath === undefined || fleetPath === undefined) {
    process.stderr.write("usage: node scripts/make-example.ts TRACE.csv FLEET.csv [FOLDER]\n");
    process.exitCode = 2;
    return;
  }
  const traceCsv = readFileSync(tracePath, "utf8");
  const fleetCsv = readFileSync(fleetPath, "utf8");
  const trace = readTrace(traceCsv);
  const document = exampleSnapshot(fleetCsv, trace, {
    accelerators: table<AcceleratorTable>("accelerators.yaml"),
    models: table<ModelTable>("models.yaml"),
    workloads: table<WorkloadTable>("workloads.yaml"),
  });
  const snapshot = parseSnapshot(document);
  if (!snapshot.ok) throw new Error(snapshot.violations.map((entry) => `${entry.path}: ${entry.rule}`).join("\n"));
  const { problem, leftOut } = snapshotToProblem(snapshot.value);
  if (leftOut.length > 0) throw new Error(leftOut.map((entry) => `${entry.variant}: ${entry.reason}`).join("\n"));
  for (const workload of problem.workloads) {
    for (const variant of workload.variants) variant.capacityPerSecond = round(variant.capacityPerSecond ?? 0);
  }
  mkdirSync(join(folder, "data"), { recursive: true });
  writeFileSync(join(folder, "data/azure-llm-2023-code.csv"), traceCsv);
  writeFileSync(join(folder, "data/azure-llm-2023-code.per-minute.csv"), perMinuteCsv(trace));
  writeFileSync(join(folder, "data/fleet-2023.csv"), fleetCsv);
  writeFileSync(join(folder, "fleet.snapshot.yaml"), SNAPSHOT_HEAD + yaml(document));
  writeFileSync(join(folder, "fleet.yaml"), PROBLEM_HEAD + yaml(problem));
}

function table<T>(name: string): T {
  return readTable<T>(readFileSync(join(TABLES, name), "utf8"));
}

function yaml(document: unknown): string {
  return stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
}

main(process.argv.slice(2));
