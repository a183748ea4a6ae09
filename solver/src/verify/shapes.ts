import type { NodeRow, Taint, Toleration } from "../problem/types.ts";
import type { Use, Variants } from "./variants.ts";

function matches(t: Toleration, taint: Taint): boolean {
  const effect = t.effect === undefined || t.effect === taint.effect;
  if (t.key === "") return effect && t.operator === "Exists";
  return effect && t.key === taint.key && (t.operator === "Exists" || t.value === taint.value);
}

/** Kubernetes' rule: every taint that keeps pods away must be tolerated. */
function eligibleRows(hard: Taint[][], tolerations: Toleration[]): number[] {
  const result: number[] = [];
  hard.forEach((taints, k) => {
    if (taints.every((taint) => tolerations.some((t) => matches(t, taint)))) result.push(k);
  });
  return result;
}

/** Variants that are alike to the rows of a pool: they share their node rows and their list of uses. */
export interface Shape {
  devices: number;
  members: number;
  /** Node rows of the pool that they can use, rising; equal sets are one list. */
  eligible: readonly number[];
  uses: Use[];
}

const NO_NODES: readonly number[] = [];

/** The shapes of one pool, in the order in which the problem names them. */
export class PoolShapes {
  readonly list: Shape[] = [];
  private readonly byDevices = new Map<number, Shape[]>();
  private readonly hard: Taint[][] | undefined;
  private readonly byTolerations = new Map<string, readonly number[]>();
  private readonly bySet = new Map<string, readonly number[]>();

  constructor(nodes: NodeRow[] | undefined) {
    this.hard = nodes?.map((n) => n.taints.filter((taint) => taint.effect !== "PreferNoSchedule"));
  }

  /** Gives the i-th variant, one of the pool, its node rows and its list of uses. */
  add(variants: Variants, i: number): void {
    const eligible = this.eligible(variants.given[i]!.tolerations);
    const shape = this.shapeOf(variants.devices[i]!, variants.members[i]!, eligible);
    variants.eligible[i] = shape.eligible;
    variants.uses[i] = shape.uses;
  }

  private shapeOf(devices: number, members: number, eligible: readonly number[]): Shape {
    let alike = this.byDevices.get(devices);
    if (!alike) {
      alike = [];
      this.byDevices.set(devices, alike);
    }
    for (const s of alike) if (s.members === members && s.eligible === eligible) return s;
    const shape: Shape = { devices, members, eligible, uses: [] };
    alike.push(shape);
    this.list.push(shape);
    return shape;
  }

  private eligible(tolerations: Toleration[]): readonly number[] {
    if (!this.hard) return NO_NODES;
    const key = tolerations.length === 0 ? "" : JSON.stringify(tolerations);
    const known = this.byTolerations.get(key);
    if (known) return known;
    const found = eligibleRows(this.hard, tolerations);
    const set = found.join(",");
    const rows = this.bySet.get(set) ?? found;
    this.bySet.set(set, rows);
    this.byTolerations.set(key, rows);
    return rows;
  }
}
