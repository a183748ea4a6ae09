import { shown, type Violation } from "../../domain/violation.ts";
import type { InventoryNode, InventoryReport, VariantReplicaStates } from "../../gen/apportion/v1/inventory.ts";
import type { InventoryValue, ReplicaCounts, Report, ReportedNode } from "../../ports/ingest.ts";
import type { SnapshotTaint } from "../../snapshot/types.ts";
import { invalidArgument } from "./call-error.ts";
import { taintEffects } from "./enums.ts";
import { readHeader } from "./report-header.ts";

const MAX_NODES = 100_000;
const MAX_COUNT = 1_000_000_000;
/** Each of them is looked at one by one. */
const MAX_REPLICAS = 100_000;
const MAX_NAME_CHARACTERS = 253;
const EFFECTS: ReadonlySet<string | undefined> = new Set(["NoSchedule", "NoExecute", "PreferNoSchedule"]);
const STATES: readonly (keyof ReplicaCounts)[] = ["ready", "starting", "unschedulable", "failing"];

/** @throws CallError INVALID_ARGUMENT with everything that is wrong */
export function readInventoryReport(report: InventoryReport | undefined, nowMs: number): Report {
  const violations: Violation[] = [];
  const header = readHeader(report?.header, nowMs, violations);
  const nodes = report?.nodes ?? [];
  const replicas = report?.replicas ?? [];
  if (nodes.length > MAX_NODES) {
    violations.push({
      path: "report.nodes",
      value: `${nodes.length} nodes`,
      rule: `at most ${MAX_NODES}`,
      fix: "report from several sources",
    });
  }
  const nodeNames = new Set<string>();
  nodes.forEach((node, index) => {
    checkNode(node, `report.nodes[${index}]`, nodeNames, violations);
  });
  const variants = new Set<string>();
  replicas.forEach((states, index) => {
    checkReplicas(states, `report.replicas[${index}]`, variants, violations);
  });
  if (header === undefined || violations.length > 0) throw invalidArgument(violations);
  const value: InventoryValue = { nodes: nodes.map(nodeValue), replicas };
  return { ...header, entries: [{ subject: "", value }] };
}

/** Of a node that was checked. */
function nodeValue({ name, pool, freeDevices, notReady, cordoned, taints, holds }: InventoryNode): ReportedNode {
  return {
    name,
    pool,
    freeDevices: freeDevices ?? 0,
    notReady,
    cordoned,
    taints: taints.map(({ key, value, effect }) => ({
      key,
      value: value ?? "",
      effect: taintEffects.toWord(effect) as SnapshotTaint["effect"],
    })),
    holds: holds.map(({ variant, replicas }) => ({ variant, replicas: replicas ?? 0 })),
  };
}

/** A node as it is listed. */
export function nodeMessage({ taints, ...node }: ReportedNode): InventoryNode {
  return {
    ...node,
    taints: taints.map(({ key, value, effect }) => ({ key, value, effect: taintEffects.toMessage(effect) })),
  };
}

function checkNode(node: InventoryNode, path: string, seen: Set<string>, violations: Violation[]): void {
  checkName(node.name, `${path}.name`, violations);
  checkName(node.pool, `${path}.pool`, violations);
  checkOnce(node.name, `${path}.name`, seen, violations);
  checkCount(node.freeDevices, `${path}.freeDevices`, violations);
  node.taints.forEach((taint, index) => {
    if (EFFECTS.has(taintEffects.toWord(taint.effect)) && taint.key.length > 0) return;
    violations.push({
      path: `${path}.taints[${index}]`,
      value: shown(taint.key),
      rule: "a key and an effect",
      fix: "give both, as on the node",
    });
  });
  const held = new Set<string>();
  node.holds.forEach((hold, index) => {
    checkOnce(hold.variant, `${path}.holds[${index}].variant`, held, violations);
    checkCount(hold.replicas, `${path}.holds[${index}].replicas`, violations, MAX_REPLICAS);
  });
}

function checkReplicas(states: VariantReplicaStates, path: string, seen: Set<string>, violations: Violation[]): void {
  checkName(states.variant, `${path}.variant`, violations);
  checkOnce(states.variant, `${path}.variant`, seen, violations);
  for (const state of STATES) checkCount(states[state], `${path}.${state}`, violations, MAX_REPLICAS);
}

function checkName(name: string, path: string, violations: Violation[]): void {
  if (name.length > 0 && name.length <= MAX_NAME_CHARACTERS && !/\p{Cc}/u.test(name)) return;
  violations.push({
    path,
    value: shown(name),
    rule: `1 to ${MAX_NAME_CHARACTERS} characters, none of them a control character`,
    fix: "give the name",
  });
}

function checkOnce(name: string, path: string, seen: Set<string>, violations: Violation[]): void {
  if (seen.has(name)) {
    violations.push({ path, value: shown(name), rule: "stands at most once", fix: "merge the two" });
  }
  seen.add(name);
}

function checkCount(count: number | undefined, path: string, violations: Violation[], most = MAX_COUNT): void {
  if (count !== undefined && count >= 0 && count <= most) return;
  violations.push({
    path,
    value: count === undefined ? "not set" : String(count),
    rule: `a whole number from 0 to ${most}`,
    fix: "give the number; 0 where there is none",
  });
}
