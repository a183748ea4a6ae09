import type { Variant } from "../problem/types.ts";

/** What one replica takes of a row. */
export interface Use {
  row: number;
  amount: number;
}

/** Most variants belong to workloads without request types, and all of those share this. */
const NO_TYPES: readonly number[] = [];
const NO_USES: readonly Use[] = [];
const NO_NODES: readonly number[] = [];

/** The variants of a problem, column by column: nearly every check passes over all of them, and there are many. */
export class Variants {
  readonly length: number;
  readonly given: Variant[];
  readonly workload: Int32Array;
  /** Index into the pools; −1 for a pool that the problem does not have. */
  readonly pool: Int32Array;
  /** Attainment that one replica adds; 0 for idle workloads and request types. */
  readonly gain: Float64Array;
  readonly min: Float64Array;
  /** Infinity where nothing is given. */
  readonly max: Float64Array;
  readonly current: Float64Array;
  readonly cost: Float64Array;
  readonly startCost: Float64Array;
  /** Devices of one member, and members of one replica. */
  readonly devices: Float64Array;
  readonly members: Float64Array;
  /** What one replica takes of each row. Variants that are alike share the list. */
  readonly uses: (readonly Use[])[];
  /** Node rows of the pool that it can use, rising; shared likewise. */
  readonly eligible: (readonly number[])[];
  private readonly byType = new Map<number, readonly number[]>();

  constructor(length: number) {
    this.length = length;
    this.given = new Array(length);
    this.workload = new Int32Array(length);
    this.pool = new Int32Array(length);
    this.gain = new Float64Array(length);
    this.min = new Float64Array(length);
    this.max = new Float64Array(length);
    this.current = new Float64Array(length);
    this.cost = new Float64Array(length);
    this.startCost = new Float64Array(length);
    this.devices = new Float64Array(length);
    this.members = new Float64Array(length);
    this.uses = new Array(length).fill(NO_USES);
    this.eligible = new Array(length).fill(NO_NODES);
  }

  set(
    i: number,
    v: Variant,
    workload: number,
    pool: number,
    gain: number,
    byType: readonly number[] | undefined,
  ): void {
    this.given[i] = v;
    this.workload[i] = workload;
    this.pool[i] = pool;
    this.gain[i] = gain;
    this.min[i] = v.minReplicas;
    this.max[i] = v.maxReplicas ?? Number.POSITIVE_INFINITY;
    this.current[i] = v.currentReplicas;
    this.cost[i] = v.costPerHour;
    this.startCost[i] = v.startCost;
    this.devices[i] = v.devicesPerReplica;
    this.members[i] = v.nodesPerReplica;
    if (byType) this.byType.set(i, byType);
  }

  /** Replicas that serve all demand of the t-th type alone; Infinity where it cannot. */
  replicasByType(i: number): readonly number[] {
    return this.byType.get(i) ?? NO_TYPES;
  }

  name(i: number): string {
    return this.given[i]!.name;
  }
}
