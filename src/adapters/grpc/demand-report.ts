import { shown, type Violation } from "../../domain/violation.ts";
import type { DemandReport, TokenMix, WorkloadDemand } from "../../gen/apportion/v1/demand.ts";
import type { DemandValue, Report } from "../../ports/ingest.ts";
import { invalidArgument } from "./call-error.ts";
import { readHeader } from "./report-header.ts";

const MAX_DEMANDS = 10_000;
const MAX_RATE = 1e12;
const MAX_TOKENS = 100_000_000;
const MAX_VARIATION = 10;
const MAX_NAME_CHARACTERS = 507;

const MEAN = "give the mean tokens of a request, or leave tokenMix out";
const VARIATION = "give the standard deviation over the mean, or leave it out";
const MIX_FIELDS = [
  ["inputTokens", 0, MAX_TOKENS, MEAN],
  ["outputTokens", 1, MAX_TOKENS, MEAN],
  ["inputVariation", 0, MAX_VARIATION, VARIATION],
  ["outputVariation", 0, MAX_VARIATION, VARIATION],
  ["prefixCacheHitRate", 0, 1, "give a share, or leave it out"],
] as const;

/** @throws CallError INVALID_ARGUMENT with everything that is wrong */
export function readDemandReport(report: DemandReport | undefined, nowMs: number): Report {
  const violations: Violation[] = [];
  const header = readHeader(report?.header, nowMs, violations);
  const demands = report?.demands ?? [];
  if (demands.length === 0 || demands.length > MAX_DEMANDS) {
    violations.push({
      path: "report.demands",
      value: `${demands.length} demands`,
      rule: `1 to ${MAX_DEMANDS}`,
      fix: demands.length === 0 ? "name at least one workload" : "split the report",
    });
  }
  const seen = new Set<string>();
  const entries = demands.map((demand, index) => {
    const path = `report.demands[${index}]`;
    checkName(demand.workload, path, seen, violations);
    return { subject: demand.workload, value: demandValue(demand, path, violations) };
  });
  if (header === undefined || violations.length > 0) throw invalidArgument(violations);
  return { ...header, entries };
}

function checkName(name: string, path: string, seen: Set<string>, violations: Violation[]): void {
  if (name.length === 0 || name.length > MAX_NAME_CHARACTERS || /\p{Cc}/u.test(name)) {
    violations.push({
      path: `${path}.workload`,
      value: shown(name),
      rule: `1 to ${MAX_NAME_CHARACTERS} characters, none of them a control character`,
      fix: "give namespace/workload",
    });
  }
  if (seen.has(name)) {
    violations.push({
      path: `${path}.workload`,
      value: shown(name),
      rule: "each workload at most once",
      fix: "add the rates up",
    });
  }
  seen.add(name);
}

function demandValue(demand: WorkloadDemand, path: string, violations: Violation[]): DemandValue {
  const rate = demand.requestsPerSecond;
  if (rate === undefined || !(rate >= 0 && rate <= MAX_RATE)) {
    violations.push({
      path: `${path}.requestsPerSecond`,
      value: rate === undefined ? "not set" : String(rate),
      rule: `a number from 0 to ${MAX_RATE}`,
      fix: "give the offered requests per second; 0 says that nothing is asked",
    });
  }
  const { tokenMix } = demand;
  if (tokenMix === undefined) return { ratePerSecond: (rate ?? 0) + 0 };
  for (const [field, low, high, fix] of MIX_FIELDS) {
    const value = tokenMix[field];
    if (value === undefined || (value >= low && value <= high)) continue;
    const rule = `a number from ${low} to ${high}`;
    violations.push({ path: `${path}.tokenMix.${field}`, value: String(value), rule, fix });
  }
  return { ratePerSecond: (rate ?? 0) + 0, tokenMix: definedOnly(tokenMix) };
}

function definedOnly(mix: TokenMix): NonNullable<DemandValue["tokenMix"]> {
  return Object.fromEntries(Object.entries(mix).filter(([, value]) => value !== undefined)) as unknown as TokenMix;
}
