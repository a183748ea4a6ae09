import type { SignalTarget, SignalWarning } from "../../../ports/signals.ts";
import type { SubjectKind } from "../catalog/types.ts";
import { subjectKey } from "./readings.ts";

/** Whose signals are put together: keys of subjects of each kind. */
export interface Scope {
  keys: Record<SubjectKind, readonly string[]>;
  /** Names of models that count where servers tell them apart; absent: all. */
  models?: ReadonlySet<string>;
}

const KINDS: readonly SubjectKind[] = ["pod", "model", "queue", "inferencePool", "consumerGroup"];

export function scopeOf(target: SignalTarget): Scope {
  const named = (kind: SubjectKind, names: readonly string[] = []) =>
    names.map((name) => subjectKey(kind, target.namespace, name));
  return {
    keys: {
      pod: named(
        "pod",
        target.pods.map((pod) => pod.name),
      ),
      model: named("model", target.models),
      queue: named("queue", target.queues),
      inferencePool: named("inferencePool", target.inferencePools),
      consumerGroup: named("consumerGroup", target.consumerGroups),
    },
    models: target.models === undefined ? undefined : new Set(target.models),
  };
}

/** One pod of it alone. */
export function podScope({ models }: Scope, key: string): Scope {
  return { keys: { pod: [key], model: [], queue: [], inferencePool: [], consumerGroup: [] }, models };
}

/** Several targets of a workload: a queue that they share counts once. */
export function unionOf(scopes: readonly Scope[]): Scope {
  const union = (kind: SubjectKind) => [...new Set(scopes.flatMap((scope) => scope.keys[kind]))];
  const all = scopes.some((scope) => scope.models === undefined);
  return {
    keys: {
      pod: union("pod"),
      model: union("model"),
      queue: union("queue"),
      inferencePool: union("inferencePool"),
      consumerGroup: union("consumerGroup"),
    },
    models: all ? undefined : new Set(scopes.flatMap((scope) => [...(scope.models ?? [])])),
  };
}

/**
 * Subjects that several workloads claim: counted for each of them, a request would be there twice. Pods may be shared where all
 * their workloads name models.
 */
export function ambiguousSubjects(scopes: ReadonlyMap<string, Scope>): {
  keys: ReadonlySet<string>;
  warnings: SignalWarning[];
} {
  const claims = new Map<string, string[]>();
  for (const [workload, scope] of scopes) {
    for (const kind of KINDS) {
      for (const key of scope.keys[kind]) {
        const claim = claimKey(kind, key);
        claims.set(claim, [...(claims.get(claim) ?? []), workload]);
      }
    }
  }
  const keys = new Set<string>();
  const warnings: SignalWarning[] = [];
  for (const [claim, workloads] of claims) {
    const shared =
      claim.startsWith("pod ") && workloads.every((workload) => scopes.get(workload)?.models !== undefined);
    if (workloads.length < 2 || shared) continue;
    keys.add(claim);
    const message = `belongs to ${workloads.length} workloads (${workloads.slice(0, 3).join(", ")}), and counts for none of them`;
    warnings.push({ source: "targets", subject: claim, code: "Ambiguous", message });
  }
  return { keys, warnings };
}

export const claimKey = (kind: SubjectKind, key: string): string => `${kind} ${key}`;
