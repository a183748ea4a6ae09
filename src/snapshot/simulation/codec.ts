import type { Parsed, Violation } from "../../domain/violation.ts";
import { shown } from "../../domain/violation.ts";
import { dangling } from "../dangling.ts";
import { fieldHint } from "../field-hints.ts";
import { violationsOf } from "../violations.ts";
import { simulationSchema } from "./schema.ts";
import type { Simulation } from "./types.ts";

const HINTS: Record<string, string> = {
  kind: 'write "Simulation"',
  durationSeconds: "give the seconds of traffic to simulate",
  traffic: "list { type: trace, scale } or { type: diurnal, ratePerSecond, peakPerSecond, … }",
  type: "write trace, steady, diurnal, ramp or burst; of events node-lost, node-back, cordon, uncordon or foreign-pod",
  events: "list { atSeconds, type, node }",
  truth: "give how many times the times of the profile a replica really takes; 1 is as stated",
  class: "name a class of this file",
};

/** Unknown data (a parsed YAML or JSON file) as a simulation with every default filled in, or all that is wrong with it. */
export function parseSimulation(value: unknown): Parsed<Simulation> {
  const hintOf = (field: string) => (Object.hasOwn(HINTS, field) ? HINTS[field]! : fieldHint(field));
  const parsed = simulationSchema.safeParse(value);
  if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, hintOf) };
  const violations = references(parsed.data);
  return violations.length > 0 ? { ok: false, violations } : { ok: true, value: parsed.data };
}

function references(simulation: Simulation): Violation[] {
  const { pools, classes, workloads, events } = simulation;
  const poolNames = pools.map(({ name }) => name);
  const classNames = classes.map(({ name }) => name);
  const nodes = nodeNames(simulation);
  return [
    ...repeated("pools", poolNames),
    ...repeated("classes", classNames),
    ...repeated(
      "workloads",
      workloads.map(({ name }) => name),
    ),
    ...workloads.flatMap((workload, w) => [
      ...(/^[^/]+\/[^/]+$/.test(workload.name)
        ? []
        : [{ path: `workloads[${w}].name`, value: shown(workload.name), rule: "namespace/name", fix: "write it so" }]),
      ...dangling(`workloads[${w}].class`, workload.class, classNames, "class"),
      ...workload.variants.flatMap((variant, v) =>
        dangling(`workloads[${w}].variants[${v}].pool`, variant.pool, poolNames, "pool"),
      ),
    ]),
    ...repeated(
      "variants",
      workloads.flatMap(({ variants }) => variants.map(({ name }) => name)),
    ),
    ...events.flatMap(({ node }, e) => dangling(`events[${e}].node`, node, nodes, "node")),
  ];
}

function repeated(list: string, names: readonly string[]): Violation[] {
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  return [...new Set(twice)].map((name) => ({
    path: list,
    value: shown(name),
    rule: "names that are unique in the file",
    fix: "rename one of the two",
  }));
}

/** `pool-1`, `pool-2`, … over all rows of a pool. */
function nodeNames({ pools }: Pick<Simulation, "pools">): string[] {
  return pools.flatMap(({ name, nodes }) =>
    nodes.flatMap(({ count }) => Array.from({ length: count })).map((_, i) => `${name}-${i + 1}`),
  );
}
