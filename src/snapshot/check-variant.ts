import { shown, type Violation } from "../domain/violation.ts";
import { dangling } from "./dangling.ts";
import type { Snapshot, SnapshotVariant, SnapshotWorkload } from "./types.ts";

/** Relations between the fields of a variant, its workload and its pool; variant names are unique in the file. */
export function variantViolations(snapshot: Snapshot, pools: readonly string[]): Violation[] {
  const bags = new Set(snapshot.inventory.pools.filter((pool) => pool.devices !== undefined).map((pool) => pool.name));
  const first = new Map<string, string>();
  return snapshot.workloads.flatMap((workload, w) =>
    workload.variants.flatMap((variant, v) => {
      const path = `workloads[${w}].variants[${v}]`;
      const found = [
        ...dangling(`${path}.pool`, variant.pool, pools, "pool"),
        ...capacitySource(path, workload, variant),
        ...relations(path, variant, bags.has(variant.pool)),
      ];
      const earlier = first.get(variant.name);
      if (earlier !== undefined) {
        const rule = `unique in the file; ${earlier} has it already`;
        found.push({ path: `${path}.name`, value: shown(variant.name), rule, fix: "rename one of the two" });
      }
      first.set(variant.name, earlier ?? path);
      return found;
    }),
  );
}

/** Exactly one source of the capacity, and all that a profile needs. */
function capacitySource(path: string, workload: SnapshotWorkload, variant: SnapshotVariant): Violation[] {
  const { profile, capacityPerSecond } = variant;
  if ((profile === undefined) === (capacityPerSecond === undefined)) {
    const value = profile === undefined ? "neither" : "both";
    const fix = "keep the profile where the capacity should follow from the SLO";
    return [{ path, value, rule: "either profile or capacityPerSecond", fix }];
  }
  if (profile === undefined) return [];
  const found: Violation[] = [];
  if (workload.tokenMix === undefined) {
    const at = `${path.slice(0, path.indexOf("."))}.tokenMix`;
    found.push({ path: at, value: "absent", rule: "required by a profile", fix: "give { inputTokens, outputTokens }" });
  }
  if (variant.role !== "both" && profile.dialect !== "continuous") {
    found.push({
      path: `${path}.profile`,
      value: shown(variant.role),
      rule: `a profile of dialect ${profile.dialect} describes replicas that do prefill and decode`,
      fix: "give a continuous profile, or capacityPerSecond of this role",
    });
  }
  const times = Object.entries(profile).filter(([name]) => name.endsWith("Ms"));
  if (times.every(([, time]) => time === 0)) {
    const rule = "a request takes time";
    found.push({ path: `${path}.profile`, value: "all times 0", rule, fix: "give the measured times" });
  }
  return found;
}

function relations(path: string, variant: SnapshotVariant, bag: boolean): Violation[] {
  const found: Violation[] = [];
  if (variant.maxReplicas !== undefined && variant.maxReplicas < variant.minReplicas) {
    const rule = `at least minReplicas (${variant.minReplicas})`;
    const fix = "raise it, or lower minReplicas";
    found.push({ path: `${path}.maxReplicas`, value: shown(variant.maxReplicas), rule, fix });
  }
  if (variant.nodesPerReplica > 1 && bag) {
    found.push({
      path: `${path}.nodesPerReplica`,
      value: shown(variant.nodesPerReplica),
      rule: "1 on a pool of `devices`, which has no nodes",
      fix: "give the pool's nodes",
    });
  }
  return found;
}
