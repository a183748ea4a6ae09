import type { Order } from "../../actuation/types.ts";
import type { Actuator, ScaleCommand, ScaleOutcome } from "../../ports/actuator.ts";
import type { World } from "../../snapshot/world/types.ts";

/** What became of the writes of a cycle, by variant. */
export interface Acted {
  /** The count that a target was last set to. */
  written: Map<string, number>;
  refused: Map<string, { reason: string; message: string }>;
}

export const NOTHING_ACTED: Acted = { written: new Map(), refused: new Map() };

const REASONS: Record<Exclude<ScaleOutcome["result"], "done">, string> = {
  changed: "ChangedMeanwhile",
  gone: "TargetMissing",
  fenced: "NotLeading",
  failed: "WriteFailed",
};

/** Carries an order out. */
export async function act(
  actuator: Actuator,
  world: World,
  revision: number,
  order: Order,
  mayAct: () => boolean,
): Promise<Acted> {
  const steps = order.steps.map((step) => step.changes.flatMap((change) => commandOf(world, change.variant, change)));
  const acted: Acted = { written: new Map(), refused: new Map() };
  for (const { command, result, message } of await actuator.apply(revision, steps, mayAct)) {
    if (result === "done") acted.written.set(command.variant, command.to);
    else acted.refused.set(command.variant, { reason: REASONS[result], message });
  }
  return acted;
}

function commandOf(world: World, key: string, change: Order["steps"][number]["changes"][number]): ScaleCommand[] {
  const variant = world.variants.find((candidate) => candidate.key === key);
  const target = world.targets.find((candidate) => candidate.key === variant?.target);
  if (target === undefined) return [];
  const { apiVersion, kind, namespace, name } = target;
  const { from, to, deletionCosts } = change;
  return [{ variant: key, apiVersion, kind, namespace, name, from, to, deletionCosts }];
}
