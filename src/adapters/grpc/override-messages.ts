import { shown, type Violation } from "../../domain/violation.ts";
import type * as message from "../../gen/apportion/v1/override.ts";
import type { OverrideInForce, OverrideSpec } from "../../ports/live.ts";
import type { AuditEntry } from "../../snapshot/world/memory.ts";
import type { OverrideAction, WorldOverride } from "../../snapshot/world/types.ts";
import { invalidArgument } from "./call-error.ts";

const TYPES: Record<OverrideAction["type"], message.OverrideType> = {
  pin: "OVERRIDE_TYPE_PIN",
  floor: "OVERRIDE_TYPE_FLOOR",
  ceiling: "OVERRIDE_TYPE_CEILING",
  freeze: "OVERRIDE_TYPE_FREEZE",
  exclude: "OVERRIDE_TYPE_EXCLUDE",
  drain: "OVERRIDE_TYPE_DRAIN",
};

const KINDS: Record<WorldOverride["subject"]["kind"], message.OverrideSubjectKind> = {
  variant: "OVERRIDE_SUBJECT_KIND_VARIANT",
  pool: "OVERRIDE_SUBJECT_KIND_POOL",
  node: "OVERRIDE_SUBJECT_KIND_NODE",
};

const COUNTED = new Set(["pin", "floor", "ceiling"]);
const DEFAULT_LIFETIME_MS = 3_600_000;
const MAX_LIFETIME_MS = 366 * 24 * 3_600_000;
const MAX_REPLICAS = 1_000_000_000;
const MAX_TEXT = 1000;

/**
 * @param identity of the caller where it is authenticated: then the author, whatever the message says
 * @throws CallError INVALID_ARGUMENT with everything that is wrong
 */
export function readOverride(spec: message.OverrideSpec | undefined, identity: string | undefined): OverrideSpec {
  const violations: Violation[] = [];
  const type = wordOf(TYPES, spec?.type);
  const kind = wordOf(KINDS, spec?.subjectKind);
  const bad = (field: string, value: string, rule: string, fix: string): void =>
    void violations.push({ path: `spec.${field}`, value, rule, fix });
  if (type === undefined) bad("type", "not set", `one of ${Object.keys(TYPES).join(", ")}`, "say what is overridden");
  if (kind === undefined) bad("subjectKind", "not set", "variant, pool or node", "say what the subject is");
  if (type !== undefined && kind !== undefined && (type === "drain") !== (kind !== "variant")) {
    bad(
      "subjectKind",
      kind,
      type === "drain" ? "pool or node" : "variant",
      `${type} is of ${type === "drain" ? "a pool or node" : "a variant"}`,
    );
  }
  const author = identity ?? spec?.author ?? "";
  for (const [field, value] of [
    ["subject", spec?.subject ?? ""],
    ["reason", spec?.reason ?? ""],
    ["author", author],
  ] as const) {
    if (value.trim().length > 0 && value.length <= MAX_TEXT) continue;
    bad(field, shown(value), `1 to ${MAX_TEXT} characters`, "an override needs a subject, a reason and an author");
  }
  const replicas = spec?.replicas;
  if (type !== undefined && COUNTED.has(type)) {
    if (replicas === undefined || replicas < 0 || replicas > MAX_REPLICAS) {
      bad("replicas", String(replicas ?? "not set"), `a whole number from 0 to ${MAX_REPLICAS}`, "give the replicas");
    }
  } else if (replicas !== undefined) {
    bad("replicas", String(replicas), "absent unless pin, floor or ceiling", "leave it out");
  }
  const lifetimeMs = readLifetime(spec, bad);
  if (violations.length > 0 || spec === undefined || type === undefined || kind === undefined) {
    throw invalidArgument(violations);
  }
  return {
    action: actionOf(type, replicas ?? 0),
    subject: { kind, name: spec.subject },
    reason: spec.reason,
    author,
    ...(lifetimeMs !== undefined && { lifetimeMs }),
  };
}

function readLifetime(
  spec: message.OverrideSpec | undefined,
  bad: (field: string, value: string, rule: string, fix: string) => void,
): number | undefined {
  const { lifetime, noExpiry } = spec ?? {};
  if (noExpiry) {
    if (lifetime !== undefined) bad("lifetime", "set", "absent with noExpiry", "give one of the two");
    return undefined;
  }
  if (lifetime === undefined) return DEFAULT_LIFETIME_MS;
  const ms = Number(lifetime.seconds) * 1000 + lifetime.nanos / 1e6;
  if (!(ms > 0 && ms <= MAX_LIFETIME_MS)) {
    bad("lifetime", `${ms} ms`, "above 0 and at most a year", "give how long it is to last, or noExpiry");
  }
  return ms;
}

function actionOf(type: OverrideAction["type"], replicas: number): OverrideAction {
  if (type === "pin" || type === "floor" || type === "ceiling") return { type, replicas };
  return { type };
}

function wordOf<Word extends string, Value>(values: Record<Word, Value>, value: Value | undefined): Word | undefined {
  const found = Object.entries(values).find(([, candidate]) => candidate === value);
  return found?.[0] as Word | undefined;
}

export function overrideMessage(override: OverrideInForce): message.Override {
  const { action, subject, expiresAtMs, createdAtMs } = override;
  return {
    id: override.id,
    spec: {
      type: TYPES[action.type],
      subjectKind: KINDS[subject.kind],
      subject: subject.name,
      replicas: "replicas" in action ? action.replicas : undefined,
      reason: override.reason,
      lifetime: undefined,
      noExpiry: expiresAtMs === undefined,
      author: override.author,
    },
    author: override.author,
    createdAt: new Date(createdAtMs),
    expiresAt: expiresAtMs === undefined ? undefined : new Date(expiresAtMs),
    effect: override.effect,
  };
}

export function auditMessage({ atMs, revision, ...event }: AuditEntry): message.AuditEvent {
  return { ...event, at: new Date(atMs), revision: BigInt(revision) };
}
