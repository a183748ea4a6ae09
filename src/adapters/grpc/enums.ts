/** Words of the file format and the enum values that stand for them in messages. */
import type {
  CertificateEntry,
  ClassRuleName,
  Conflict,
  EngineName,
  ObjectiveName,
  PlanStatus,
  PoolPlan,
  PoolRowReport,
  ReasonCode,
  Role,
  Taint,
  Toleration,
} from "@apportion/solver";
import type * as placement from "../../gen/apportion/v1/placement.ts";
import type * as plan from "../../gen/apportion/v1/plan.ts";
import type * as problem from "../../gen/apportion/v1/problem.ts";

interface EnumMap<Word extends string, Value extends string> {
  toMessage(word: Word): Value;
  /** Absent for the unspecified value; an unknown value stays as it is, for the reader of the input to refuse. */
  toWord(value: Value): string | undefined;
}

function enumMap<Word extends string, Value extends string>(values: Record<Word, Value>): EnumMap<Word, Value> {
  const words = new Map(Object.entries<Value>(values).map(([word, value]) => [value, word]));
  return {
    toMessage: (word) => values[word],
    toWord: (value) => (value.endsWith("_UNSPECIFIED") ? undefined : (words.get(value) ?? value)),
  };
}

export const objectives = enumMap<ObjectiveName, problem.Objective>({
  lexicographic: "OBJECTIVE_LEXICOGRAPHIC",
  penalty: "OBJECTIVE_PENALTY",
});

export const rules = enumMap<ClassRuleName, problem.Rule>({
  "max-min": "RULE_MAX_MIN",
  proportional: "RULE_PROPORTIONAL",
  total: "RULE_TOTAL",
  "dominant-share": "RULE_DOMINANT_SHARE",
});

export const roles = enumMap<Role, problem.Role>({
  both: "ROLE_BOTH",
  prefill: "ROLE_PREFILL",
  decode: "ROLE_DECODE",
});

export const taintEffects = enumMap<Taint["effect"], problem.TaintEffect>({
  NoSchedule: "TAINT_EFFECT_NO_SCHEDULE",
  NoExecute: "TAINT_EFFECT_NO_EXECUTE",
  PreferNoSchedule: "TAINT_EFFECT_PREFER_NO_SCHEDULE",
});

export const tolerationOperators = enumMap<Toleration["operator"], problem.TolerationOperator>({
  Equal: "TOLERATION_OPERATOR_EQUAL",
  Exists: "TOLERATION_OPERATOR_EXISTS",
});

export const engines = enumMap<Exclude<EngineName, "heuristic">, placement.Engine>({
  auto: "ENGINE_AUTO",
  price: "ENGINE_PRICE",
  highs: "ENGINE_HIGHS",
  jslp: "ENGINE_JSLP",
});

export const planStatuses = enumMap<PlanStatus, plan.PlanStatus>({
  optimal: "PLAN_STATUS_OPTIMAL",
  feasible: "PLAN_STATUS_FEASIBLE",
  infeasible: "PLAN_STATUS_INFEASIBLE",
});

export const reasonCodes = enumMap<ReasonCode, plan.ReasonCode>({
  PoolFull: "REASON_CODE_POOL_FULL",
  Fragmented: "REASON_CODE_FRAGMENTED",
  QuotaReached: "REASON_CODE_QUOTA_REACHED",
  MaxReplicas: "REASON_CODE_MAX_REPLICAS",
  NoVariantFits: "REASON_CODE_NO_VARIANT_FITS",
  FloorsConflict: "REASON_CODE_FLOORS_CONFLICT",
  TradedForOthers: "REASON_CODE_TRADED_FOR_OTHERS",
  NotWorthItsCost: "REASON_CODE_NOT_WORTH_ITS_COST",
  StoppedEarly: "REASON_CODE_STOPPED_EARLY",
});

export const poolFits = enumMap<PoolPlan["fits"], plan.PoolFit>({
  rows: "POOL_FIT_ROWS",
  packing: "POOL_FIT_PACKING",
});

export const shadowPriceUnits = enumMap<PoolRowReport["shadowPriceUnit"], plan.ShadowPriceUnit>({
  attainment: "SHADOW_PRICE_UNIT_ATTAINMENT",
  costPerHour: "SHADOW_PRICE_UNIT_COST_PER_HOUR",
});

export const conflictRules = enumMap<Conflict["rule"], plan.ConflictRule>({
  MinReplicas: "CONFLICT_RULE_MIN_REPLICAS",
  Guarantee: "CONFLICT_RULE_GUARANTEE",
});

export const certificateMethods = enumMap<CertificateEntry["method"], plan.CertificateMethod>({
  dual: "CERTIFICATE_METHOD_DUAL",
  search: "CERTIFICATE_METHOD_SEARCH",
  trivial: "CERTIFICATE_METHOD_TRIVIAL",
});

export const certificateSenses = enumMap<CertificateEntry["sense"], plan.CertificateSense>({
  min: "CERTIFICATE_SENSE_MIN",
  max: "CERTIFICATE_SENSE_MAX",
});
