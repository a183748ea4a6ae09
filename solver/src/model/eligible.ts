import type { NodeRow, Taint, Toleration } from "../problem/types.ts";

/** Kubernetes' matching of one toleration against one taint. */
function tolerates(t: Toleration, taint: Taint): boolean {
  if (t.effect !== undefined && t.effect !== taint.effect) return false;
  if (t.key === "") return t.operator === "Exists";
  if (t.key !== taint.key) return false;
  return t.operator === "Exists" || t.value === taint.value;
}

/** Rows of nodes of one pool by tolerations: most variants have the same few, and share one list. */
export class EligibleNodes {
  private readonly taints: Taint[][];
  private readonly known = new Map<string, number[]>();

  constructor(nodes: NodeRow[]) {
    this.taints = nodes.map((n) => n.taints.filter((t) => t.effect !== "PreferNoSchedule"));
  }

  of(tolerations: Toleration[]): number[] {
    const key = tolerations.length === 0 ? "" : JSON.stringify(tolerations);
    const known = this.known.get(key);
    if (known) return known;
    const rows = this.taints.flatMap((taints, k) =>
      taints.every((taint) => tolerations.some((t) => tolerates(t, taint))) ? [k] : [],
    );
    this.known.set(key, rows);
    return rows;
  }
}
