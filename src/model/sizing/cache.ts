import type { ContinuousProfile, LengthMix } from "../../snapshot/continuous-profile.ts";
import { continuousCapacity, type ReplicaCapacity } from "./size.ts";
import type { SizingTargets } from "./targets.ts";
import type { ReplicaRole } from "./types.ts";

/**
 * Capacities that were computed before, by the values they follow from: only what changed is sized again. Keeps the last `limit` used;
 * the oldest goes first.
 */
export class SizingCache {
  private readonly limit: number;
  private readonly known = new Map<string, ReplicaCapacity>();

  constructor(limit = 200_000) {
    this.limit = Math.max(1, limit);
  }

  get size(): number {
    return this.known.size;
  }

  /** @throws InputError for parameters that cannot be meant; they are not kept. */
  capacity(
    profile: ContinuousProfile,
    mix: LengthMix,
    targets: SizingTargets,
    role: ReplicaRole = "both",
  ): ReplicaCapacity {
    const key = JSON.stringify([profile, mix, targets, role]);
    const found = this.known.get(key);
    if (found !== undefined) {
      this.known.delete(key);
      this.known.set(key, found);
      return found;
    }
    const sized = continuousCapacity(profile, mix, targets, role);
    this.known.set(key, sized);
    if (this.known.size > this.limit) this.known.delete(this.known.keys().next().value ?? key);
    return sized;
  }
}
