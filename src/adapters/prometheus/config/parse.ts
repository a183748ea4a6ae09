import { didYouMean } from "../../../domain/nearest-name.ts";
import type { Parsed, Violation } from "../../../domain/violation.ts";
import { cut, shown } from "../../../domain/violation.ts";
import { violationsOf } from "../../../snapshot/violations.ts";
import { fillIn, queriesOf } from "../catalog/promql.ts";
import { LABEL_NAMES, SYSTEMS } from "../catalog/systems.ts";
import { TIME_QUERIES } from "./plan.ts";
import { promqlFault } from "./promql-fault.ts";
import { configSchema, type SignalConfig } from "./schema.ts";

const HINTS: Record<string, string> = {
  apiVersion: 'write "apportion.dev/v1"',
  kind: 'write "SignalConfig"',
  sources: "list at least one { name, type: prometheus, url }",
  type: "write prometheus, pods or kubernetes-metrics",
  url: "write the address before /api/v1, such as https://prometheus.example:9090",
  systems: `list some of ${SYSTEMS.map((system) => system.name).join(", ")}`,
  quantiles: "list numbers between 0 and 1, such as 0.95",
  promql: "write one PromQL expression",
};

const hintOf = (field: string): string =>
  (Object.hasOwn(HINTS, field) ? HINTS[field] : undefined) ?? "correct the field, or leave it out";

/**
 * Unknown data (a parsed YAML file) as a configuration with every default filled in, or all that is wrong with it. PromQL is
 * parsed here, so that a slip in it is found before the first question.
 */
export function parseSignalConfig(value: unknown): Parsed<SignalConfig> {
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, hintOf) };
  const config = parsed.data;
  const violations = [...sourceViolations(config), ...queryViolations(config)];
  return violations.length > 0 ? { ok: false, violations } : { ok: true, value: config };
}

function sourceViolations({ sources }: SignalConfig): Violation[] {
  const names = new Set<string>();
  return sources.flatMap((source, index) => {
    const path = `sources[${index}]`;
    const found: Violation[] = [];
    if (names.has(source.name)) {
      found.push({ path: `${path}.name`, value: shown(source.name), rule: "unique", fix: "give it another name" });
    }
    names.add(source.name);
    const { certFile, keyFile } = source.tls;
    if ((certFile === undefined) !== (keyFile === undefined)) {
      const rule = "certFile and keyFile go together";
      found.push({ path: `${path}.tls`, value: "one of them", rule, fix: "give both, or neither" });
    }
    if (source.bearerTokenFile !== undefined && source.basicAuth !== undefined) {
      const rule = "one way to sign in";
      found.push({ path, value: "bearerTokenFile and basicAuth", rule, fix: "leave one of them out" });
    }
    return found;
  });
}

function queryViolations(config: SignalConfig): Violation[] {
  const recorded = SYSTEMS.flatMap((system) => queriesOf(system, LABEL_NAMES));
  const times = SYSTEMS.flatMap((system) => TIME_QUERIES.map((name) => `${system.name}/${name}`));
  const known = [...recorded.map((query) => query.name), ...times];
  const seen = new Set<string>();
  return config.queries.flatMap((query, index) => {
    const path = `queries[${index}]`;
    const found: Violation[] = [];
    if (seen.has(query.name)) {
      found.push({ path: `${path}.name`, value: shown(query.name), rule: "unique", fix: "remove one of them" });
    }
    seen.add(query.name);
    const added = query.system !== undefined && query.signal !== undefined;
    if (!added && !known.includes(query.name)) {
      const rule = "a known query, or one with system and signal";
      found.push({ path: `${path}.name`, value: shown(query.name), rule, fix: didYouMean(query.name, known) });
    }
    const twin = recorded.find((other) => other.system === query.system && other.reading.signal === query.signal);
    if (added && twin !== undefined && !known.includes(query.name)) {
      const rule = "a signal that the system does not have yet";
      found.push({ path: `${path}.signal`, value: shown(query.signal), rule, fix: `replace the query "${twin.name}"` });
    }
    const parameters = { windowMs: 60_000, lookbackMs: 300_000, matchers: [] };
    const fault = promqlFault(fillIn(query.promql, parameters));
    if (fault !== undefined) {
      found.push({ path: `${path}.promql`, value: cut(query.promql), rule: "PromQL", fix: fault });
    }
    return found;
  });
}
