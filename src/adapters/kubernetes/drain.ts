import { FIELD_MANAGER } from "../../domain/field-manager.ts";
import type { DrainCommands, DrainOutcome } from "../../ports/actuator.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import { inParallel } from "./concurrency.ts";
import type { RateLimit } from "./rate-limit.ts";

const PARALLEL_COMMANDS = 8;

/** The right is wide, and given only where somebody asked for it. */
const CURE = "; set drainNodes of the chart, or use kubectl drain";

interface Write {
  name: string;
  run(): Promise<unknown>;
}

/** Cordons before it evicts: where a cordon fails, nothing is evicted in this cycle. */
export async function carryOutDrain(
  { api, limit }: { api: KubernetesApi; limit: RateLimit },
  { cordon, uncordon, evict }: DrainCommands,
  label: string,
  mayAct: () => boolean,
): Promise<DrainOutcome> {
  const failed: DrainOutcome["failed"] = [];
  let done = 0;
  const carryOut = (writes: readonly Write[]) =>
    inParallel(writes, PARALLEL_COMMANDS, async ({ name, run }) => {
      await limit.take();
      if (!mayAct()) return void failed.push({ name, reason: "this replica no longer leads" });
      try {
        await run();
        done += 1;
      } catch (error) {
        const { kind, message } = asApiError(error);
        // Whatever is gone needs neither.
        if (kind !== "notFound")
          failed.push({ name, reason: `${kind}: ${message}${kind === "forbidden" ? CURE : ""}` });
      }
    });
  const marked = (node: string, on: boolean): Write => ({
    name: `node ${node}`,
    run: () => {
      const patch = {
        metadata: { labels: { [label]: on ? "true" : null } },
        spec: { unschedulable: on ? true : null },
      };
      return api.patch(`/api/v1/nodes/${encodeURIComponent(node)}`, patch, { fieldManager: FIELD_MANAGER });
    },
  });
  await carryOut([...cordon.map((node) => marked(node, true)), ...uncordon.map((node) => marked(node, false))]);
  if (failed.length > 0) return { done, failed };
  await carryOut(
    evict.map(({ namespace, pod }) => ({
      name: `pod ${namespace}/${pod}`,
      run: () => {
        const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/eviction`;
        return api.create(path, { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name: pod } });
      },
    })),
  );
  return { done, failed };
}
