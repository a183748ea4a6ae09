import type { SignalTarget } from "../../../ports/signals.ts";
import {
  LATENCIES,
  type ScalarSignal,
  SIGNALS,
  type SignalValue,
  type SignalValues,
  type TargetSignals,
  type WorkloadSignals,
} from "../../../snapshot/signals.ts";
import { latencyOf, scalarOf } from "./combine.ts";
import { better, withDerived } from "./derive.ts";
import { podScope, type Scope, scopeOf, unionOf } from "./scope.ts";
import type { Round } from "./subject.ts";

const SCALARS = Object.keys(SIGNALS) as ScalarSignal[];

/** Readings put together by workload, target and pod. */
export function assemble(round: Round, targets: readonly SignalTarget[]): WorkloadSignals[] {
  return [...byWorkload(targets)].map(([workload, own]) => {
    const scopes = own.map(scopeOf);
    const parts = own.map((target, index) => targetSignals(round, target, scopes[index]!));
    const [only] = parts;
    const signals = parts.length === 1 && only !== undefined ? only.signals : signalsOf(round, unionOf(scopes));
    return { workload, signals, targets: parts };
  });
}

/** In the order of the names. */
export function byWorkload(targets: readonly SignalTarget[]): Map<string, SignalTarget[]> {
  const groups = Map.groupBy(targets, (target) => target.workload);
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return new Map(
    [...groups]
      .sort(([a], [b]) => compare(a, b))
      .map(([workload, own]) => [workload, own.sort((a, b) => compare(a.key, b.key))]),
  );
}

function targetSignals(round: Round, target: SignalTarget, scope: Scope): TargetSignals {
  const pods = target.pods.map(({ name }, index) => {
    const signals = signalsOf(round, podScope(scope, scope.keys.pod[index]!));
    return { name, signals: onlyKnown(signals) };
  });
  return { key: target.key, signals: signalsOf(round, scope), pods };
}

function signalsOf(round: Round, scope: Scope): SignalValues {
  const signals: SignalValues = {};
  let growth: SignalValue | undefined;
  for (const sources of round.systems) {
    const told = sources[0]?.bySignal ?? NOTHING;
    growth = better(growth, told.has("inFlightGrowth") ? scalarOf(round, sources, scope, "inFlightGrowth") : undefined);
    for (const name of SCALARS) {
      const value = told.has(name) || name === "lastActivity" ? scalarOf(round, sources, scope, name) : undefined;
      const best = better(signals[name], value);
      if (best !== undefined) signals[name] = best;
    }
    for (const name of LATENCIES) {
      const value = told.has(name) ? latencyOf(round, sources, scope, name) : undefined;
      const best = better(signals[name], value);
      if (best !== undefined) signals[name] = best;
    }
  }
  return withDerived(signals, growth, round.nowMs);
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();

function onlyKnown(signals: SignalValues): SignalValues {
  return Object.fromEntries(Object.entries(signals).filter(([, value]) => value.quality !== "missing"));
}
