import type { LivePlan } from "../../gen/apportion/v1/live.ts";
import type { BindingRow } from "../../gen/apportion/v1/plan.ts";
import type { Output } from "../context.ts";
import { BadInputError } from "../exit.ts";
import { decimal, percent, printable, wrap } from "../view/text.ts";

const FALLBACK_WIDTH = 80;

/** Why a workload, or a variant, stands where it does. @throws BadInputError where there is none of that name */
export function whyView(plan: LivePlan, name: string, out: Output): string {
  const workload = plan.plan?.workloads.find((candidate) => candidate.name === name);
  const variants = plan.variants.filter((variant) => variant.workload === name || variant.name === name);
  if (workload === undefined && variants.length === 0) {
    throw new BadInputError([
      `${name}: no workload or variant of that name is in plan ${plan.revision}; see apportion status`,
    ]);
  }
  const lines: string[] = [];
  if (workload !== undefined) {
    lines.push(`${name}: ${percent(workload.attainment)} of its demand is served by plan ${plan.revision}.`);
    lines.push(workload.reason?.sentence ?? "It gets all that it asks for.");
    lines.push(...(workload.reason?.binding ?? []).map((row) => `  ${bindingText(row)}`));
  }
  for (const variant of variants) {
    lines.push("");
    lines.push(
      `${variant.name} on ${variant.pool || "no pool"}: ${variant.current} replicas, ${variant.desired} planned`,
    );
    const states = [`${variant.ready} ready`, `${variant.starting} starting`, `${variant.pending} pending`];
    lines.push(`  ${states.join(", ")}, ${variant.failing} failing`);
    for (const sentence of variant.basis) lines.push(`  ${sentence}`);
    if (variant.reason !== "") lines.push(`  ${variant.reasonCode}: ${variant.reason}`);
    for (const { type, status, reason, message } of variant.conditions) {
      lines.push(`  ${type}=${status} (${reason})${message === "" ? "" : `: ${message}`}`);
    }
  }
  const width = out.columns || FALLBACK_WIDTH;
  return `${lines.flatMap((line) => indented(printable(line), width)).join("\n")}\n`;
}

/** A row of a pool counts places of its size; people, and what classes hold, count devices. */
function bindingText({ key, used, capacity, heldBy }: BindingRow): string {
  const size = /^pool\/.*\/size\/(\d+)/.exec(key)?.[1];
  const each = Math.max(1, Number(size ?? 1));
  const unit = /\/cost(\/|$)/.test(key) ? " per hour" : " devices";
  const held = heldBy.map(({ priority, amount }) => `class ${priority} holds ${decimal(amount)}`).join(", ");
  const free = each === 1 ? "" : `, in places of ${each}`;
  return `${key}: ${decimal(used * each)} of ${decimal(capacity * each)}${unit} used${free}; ${held}`;
}

function indented(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return wrap(line.trimStart(), width - indent.length).map((part) => indent + part);
}
