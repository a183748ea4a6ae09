import { shown, type Violation } from "../../domain/violation.ts";
import type * as message from "../../gen/apportion/v1/live.ts";
import type { Change } from "../../plan/what-if.ts";
import type { LivePlan, LiveStatus } from "../../ports/live.ts";
import type { Mode } from "../../snapshot/world/types.ts";
import { invalidArgument } from "./call-error.ts";
import { planToMessage } from "./plan-to-message.ts";

const MODES: Record<Mode, message.Mode> = {
  observe: "MODE_OBSERVE",
  recommend: "MODE_RECOMMEND",
  approve: "MODE_APPROVE",
  act: "MODE_ACT",
};

export const modeMessage = (mode: Mode): message.Mode => MODES[mode];

export function livePlanMessage(live: LivePlan): message.LivePlan {
  return {
    revision: BigInt(live.revision),
    plannedAt: new Date(live.plannedAtMs),
    mode: MODES[live.mode],
    plan: planToMessage(live.plan),
    variants: live.variants,
    heldBecause: live.heldBecause ?? "",
    proposedRevision: live.proposedRevision === undefined ? undefined : BigInt(live.proposedRevision),
    steps: live.steps,
  };
}

export function statusMessage(status: LiveStatus): message.GetStatusResponse {
  return {
    leader: status.leader,
    leaderIdentity: status.leaderIdentity,
    plan: livePlanMessage(status.plan),
    lastCycleAt: new Date(status.lastCycleAtMs),
    lastCycleMs: status.lastCycleMs,
    warnings: status.warnings,
  };
}

const MAX_CHANGES = 100;
const MAX_RATE = 1e12;
const MAX_NODES = 1_000_000;
const MAX_PRIORITY = 1_000_000_000;
const MAX_WEIGHT = 1e9;

/** @throws CallError INVALID_ARGUMENT with everything that is wrong */
export function readWhatIf(request: message.WhatIfRequest): Change[] {
  const violations: Violation[] = [];
  if (request.changes.length === 0 || request.changes.length > MAX_CHANGES) {
    violations.push({
      path: "changes",
      value: `${request.changes.length} changes`,
      rule: `1 to ${MAX_CHANGES}`,
      fix: "say what is to be different",
    });
  }
  const changes = request.changes.flatMap((change, index) => readChange(change, `changes[${index}]`, violations));
  if (violations.length > 0) throw invalidArgument(violations);
  return changes;
}

function readChange({ change }: message.WhatIfChange, path: string, violations: Violation[]): Change[] {
  const within = (field: string, value: number, low: number, high: number): void => {
    if (value >= low && value <= high) return;
    violations.push({
      path: `${path}.${field}`,
      value: String(value),
      rule: `from ${low} to ${high}`,
      fix: "correct it",
    });
  };
  switch (change?.$case) {
    case "demand":
      within("demand.requestsPerSecond", change.value.requestsPerSecond, 0, MAX_RATE);
      return [{ type: "demand", ...change.value }];
    case "nodes":
      within("nodes.nodes", change.value.nodes, -MAX_NODES, MAX_NODES);
      within("nodes.devicesPerNode", change.value.devicesPerNode, 1, MAX_NODES);
      return [{ type: "nodes", ...change.value }];
    case "priority":
      within("priority.priority", change.value.priority, -MAX_PRIORITY, MAX_PRIORITY);
      return [{ type: "priority", ...change.value }];
    case "weight":
      within("weight.weight", change.value.weight, Number.MIN_VALUE, MAX_WEIGHT);
      return [{ type: "weight", ...change.value }];
    default:
      violations.push({
        path,
        value: shown("nothing"),
        rule: "one of demand, nodes, priority, weight",
        fix: "say what is to be different",
      });
      return [];
  }
}
