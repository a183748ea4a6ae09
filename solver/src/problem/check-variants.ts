import type { Directory } from "./directory.ts";
import type { Draft } from "./draft.ts";
import { keyStep } from "./paths.ts";
import { printed } from "./printed.ts";
import type { Report } from "./report.ts";
import type { ReadProblem, ReadWorkload } from "./schema.ts";
import type { Variant } from "./types.ts";

/** What must hold inside one variant, and between it, its workload and its pool. */
export function checkVariants(problem: Draft<ReadProblem>, directory: Directory, report: Report): void {
  problem.workloads?.forEach((workload, w) => {
    workload?.variants?.forEach((variant, v) => {
      if (variant === null) return;
      const path = `workloads[${w}].variants[${v}]`;
      checkBounds(variant, path, report);
      checkPool(variant, path, directory, report);
      checkTolerations(variant, path, report);
      if (workload.requestTypes === undefined) checkOneCapacity(variant, path, report);
      else checkCapacityByType(variant, workload, path, report);
    });
  });
}

function checkBounds(variant: Draft<Variant>, path: string, report: Report): void {
  const { minReplicas, maxReplicas } = variant;
  if (minReplicas === null || maxReplicas == null || minReplicas <= maxReplicas) return;
  report.add(
    `${path}.minReplicas`,
    minReplicas,
    `at most maxReplicas (${maxReplicas})`,
    "lower it, or raise maxReplicas",
  );
}

function checkPool(variant: Draft<Variant>, path: string, directory: Directory, report: Report): void {
  if (variant.pool === null) return;
  const { byName, complete } = directory.pools;
  const pool = byName.get(variant.pool);
  if (pool === undefined) {
    if (complete) report.addUnknownName(`${path}.pool`, variant.pool, byName, "pools");
    return;
  }
  const group = variant.nodesPerReplica !== null && variant.nodesPerReplica > 1;
  if (!group || pool.devices === undefined || pool.nodes !== undefined) return;
  const rule = `1 on pool ${printed(variant.pool)}, which is one bag of devices without nodes`;
  report.add(`${path}.nodesPerReplica`, variant.nodesPerReplica, rule, "give the pool node rows, or use one node");
}

/** The two combinations that Kubernetes refuses. */
function checkTolerations(variant: Draft<Variant>, path: string, report: Report): void {
  variant.tolerations?.forEach((toleration, t) => {
    const at = `${path}.tolerations[${t}]`;
    if (toleration?.operator === "Equal" && toleration.key === "") {
      report.add(
        `${at}.key`,
        toleration.key,
        "not empty, unless operator is Exists",
        "give a key, or write operator: Exists",
      );
    }
    if (toleration?.operator === "Exists" && toleration.value !== null && toleration.value !== "") {
      report.add(
        `${at}.value`,
        toleration.value,
        "absent where operator is Exists",
        "remove it, or write operator: Equal",
      );
    }
  });
}

function checkOneCapacity(variant: Draft<Variant>, path: string, report: Report): void {
  if (variant.capacityByType !== undefined) {
    const fix = "give capacityPerSecond instead, or requestTypes on the workload";
    report.add(`${path}.capacityByType`, variant.capacityByType, "only where the workload has requestTypes", fix);
  } else if (variant.capacityPerSecond === undefined) {
    report.add(`${path}.capacityPerSecond`, undefined, "required", "give the requests per second of one replica");
  }
}

function checkCapacityByType(
  variant: Draft<Variant>,
  workload: Draft<ReadWorkload>,
  path: string,
  report: Report,
): void {
  if (variant.role === "prefill" || variant.role === "decode") {
    const fix = "write role: both, or leave requestTypes out";
    report.add(`${path}.role`, variant.role, "both, where the workload has requestTypes", fix);
  }
  if (variant.capacityPerSecond !== undefined) {
    const fix = "give capacityByType instead";
    report.add(`${path}.capacityPerSecond`, variant.capacityPerSecond, "not where the workload has requestTypes", fix);
  }
  if (variant.capacityByType === undefined) {
    if (variant.capacityPerSecond === undefined) {
      report.add(`${path}.capacityByType`, undefined, "required", "give { request type: requests per second }");
    }
    return;
  }
  const types = workload.requestTypes ?? [];
  if (types.length === 0 || types.some((type) => type?.name == null)) return;
  const known = new Map(types.map((type) => [type?.name ?? "", type]));
  for (const name of Object.keys(variant.capacityByType ?? {})) {
    if (known.has(name)) continue;
    report.addUnknownName(`${path}.capacityByType${keyStep(name)}`, name, known, "request types of its workload");
  }
}
