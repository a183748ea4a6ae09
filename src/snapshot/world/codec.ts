import { cut, type Parsed, shown, type Violation } from "../../domain/violation.ts";
import { violationsOf } from "../violations.ts";
import { worldHint } from "./field-hints.ts";
import { worldSchema } from "./schema.ts";
import type { World } from "./types.ts";

/** Unknown data (a parsed recording) as a world, or all that is wrong with it. Nothing has a default: a recording is complete. */
export function parseWorld(value: unknown): Parsed<World> {
  const parsed = worldSchema.safeParse(value);
  if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, worldHint).map(reworded) };
  const world: World = parsed.data;
  const violations = duplicates(world);
  return violations.length > 0 ? { ok: false, violations } : { ok: true, value: world };
}

/** The world as the text of a recording: fields in one order, so that the same world is the same bytes. */
export function worldText(world: World): string {
  return `${JSON.stringify(worldSchema.parse(world))}\n`;
}

const ACTIONS = '"pin", "floor", "ceiling", "freeze", "exclude", "drain"';

/** The words of a snapshot's only union do not fit the union of actions. */
function reworded(violation: Violation): Violation {
  return violation.path.endsWith(".action.type") ? { ...violation, rule: `one of ${ACTIONS}` } : violation;
}

function duplicates(world: World): Violation[] {
  return [
    ...duplicated("inventory.nodes", "name", world.inventory.nodes, (node) => node.name),
    ...duplicated("pods", "name", world.pods, (pod) => `${pod.namespace}/${pod.name}`),
    ...duplicated("targets", "key", world.targets, (target) => target.key),
    ...duplicated("variants", "key", world.variants, (variant) => variant.key),
    ...duplicated("classes", "name", world.classes, (rule) => rule.name),
    ...duplicated("overrides", "id", world.overrides, (override) => override.id),
    ...duplicated("policy.pools", "name", world.policy.pools, (pool) => pool.name),
  ];
}

function duplicated<T>(list: string, field: string, entries: readonly T[], keyOf: (entry: T) => string): Violation[] {
  const first = new Map<string, number>();
  return entries.flatMap((entry, i) => {
    const key = keyOf(entry);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, i);
      return [];
    }
    const rule = `unique; ${list}[${earlier}] has it already`;
    return [{ path: `${list}[${i}].${field}`, value: shown(cut(key)), rule, fix: "keep one of the two" }];
  });
}
