import type { VariantMemory } from "../../snapshot/world/memory.ts";
import type { WorldPod } from "../../snapshot/world/types.ts";
import { isComing } from "./classify.ts";
import { withSample } from "./start-times.ts";
import type { VariantReplicas } from "./types.ts";

/** The memory with start times of replicas that became ready, and since when others are not ready or missing. */
export function withLearned(
  memory: VariantMemory,
  state: VariantReplicas,
  pods: readonly WorldPod[],
  nowMs: number,
): VariantMemory {
  const byName = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const counted: Record<string, number> = {};
  const unready: Record<string, number> = {};
  let startSeconds: readonly number[] = memory.startSeconds;
  const all = [...state.replicas, ...state.leaving].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const replica of all) {
    const before = Object.hasOwn(memory.counted, replica.name) ? memory.counted[replica.name] : undefined;
    if (replica.phase === "ready") {
      const members = replica.pods.flatMap((name) => byName.get(name) ?? []);
      counted[replica.name] = before ?? replica.sinceMs;
      if (before === undefined) startSeconds = withSample(startSeconds, secondsToReady(members));
    } else if (before !== undefined) {
      counted[replica.name] = before;
      unready[replica.name] = memory.unready?.[replica.name] ?? nowMs;
    }
  }
  const { unready: _unready, missingSinceMs: _missing, ...rest } = memory;
  const lacking = state.replicas.length < state.asked && !isComing(state.replicas);
  return {
    ...rest,
    startSeconds: [...startSeconds],
    counted,
    ...(Object.keys(unready).length > 0 ? { unready } : {}),
    ...(lacking ? { missingSinceMs: memory.missingSinceMs ?? nowMs } : {}),
  };
}

/** From the last member scheduled to the last one ready; NaN where that cannot be told, or a crash lies between. */
function secondsToReady(members: readonly WorldPod[]): number {
  if (members.some((pod) => pod.restarts > 0)) return Number.NaN;
  const ready = Math.max(...members.map((pod) => pod.readyAtMs ?? Number.NaN));
  const scheduled = Math.max(...members.map((pod) => pod.scheduledAtMs ?? Number.NaN));
  return (ready - scheduled) / 1000;
}
