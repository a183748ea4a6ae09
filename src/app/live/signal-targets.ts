import type { SignalTarget } from "../../ports/signals.ts";
import type { World } from "../../snapshot/world/types.ts";

/** What to ask signals of: the targets of all variants, with their pods that have a node. */
export function signalTargets({
  variants,
  targets,
  pods,
}: Pick<World, "variants" | "targets" | "pods">): SignalTarget[] {
  const found = new Map(targets.map((target) => [target.key, target]));
  const podsOf = Map.groupBy(
    pods.filter(({ node, target }) => node !== undefined && target !== undefined),
    ({ target }) => target,
  );
  return variants.flatMap(({ target: key, workload, namespace }) => {
    if (found.get(key)?.found !== true) return [];
    const own = podsOf.get(key) ?? [];
    return [
      {
        key,
        workload,
        namespace,
        pods: own.map(({ name, ip, metrics: annotations }) => ({
          name,
          ...(ip === undefined ? {} : { ip }),
          ...(annotations === undefined ? {} : { annotations }),
        })),
      },
    ];
  });
}
