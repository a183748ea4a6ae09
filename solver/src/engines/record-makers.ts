/** Makes the i-th record from its columns. */
export type RecordMaker = (columns: ArrayLike<unknown>[], i: number) => object;

type Columns = ArrayLike<unknown>[];

/**
 * Records that come by the hundred thousand, in the order of keys in which problems are parsed and plans written. A literal is made
 * ten times faster than key by key, and all of them share one hidden class. Other keys are no error, only slower.
 */
const FREQUENT: RecordMaker[] = [
  // variants
  (c: Columns, i) => ({
    name: c[0]![i],
    pool: c[1]![i],
    role: c[2]![i],
    devicesPerReplica: c[3]![i],
    nodesPerReplica: c[4]![i],
    capacityPerSecond: c[5]![i],
    costPerHour: c[6]![i],
    startCost: c[7]![i],
    currentReplicas: c[8]![i],
    minReplicas: c[9]![i],
    tolerations: c[10]![i],
    movable: c[11]![i],
  }),
  (c: Columns, i) => ({
    name: c[0]![i],
    pool: c[1]![i],
    role: c[2]![i],
    devicesPerReplica: c[3]![i],
    nodesPerReplica: c[4]![i],
    capacityPerSecond: c[5]![i],
    costPerHour: c[6]![i],
    startCost: c[7]![i],
    currentReplicas: c[8]![i],
    minReplicas: c[9]![i],
    maxReplicas: c[10]![i],
    tolerations: c[11]![i],
    movable: c[12]![i],
  }),
  // workloads
  (c: Columns, i) => ({
    name: c[0]![i],
    priority: c[1]![i],
    weight: c[2]![i],
    demandPerSecond: c[3]![i],
    shedPenalty: c[4]![i],
    variants: c[5]![i],
  }),
  (c: Columns, i) => ({
    name: c[0]![i],
    tenant: c[1]![i],
    priority: c[2]![i],
    weight: c[3]![i],
    demandPerSecond: c[4]![i],
    shedPenalty: c[5]![i],
    variants: c[6]![i],
  }),
  // of a plan: workloads, variants, reasons
  (c: Columns, i) => ({ name: c[0]![i], attainment: c[1]![i], variants: c[2]![i] }),
  (c: Columns, i) => ({ name: c[0]![i], attainment: c[1]![i], variants: c[2]![i], reason: c[3]![i] }),
  (c: Columns, i) => ({ name: c[0]![i], replicas: c[1]![i] }),
  (c: Columns, i) => ({ code: c[0]![i], sentence: c[1]![i], binding: c[2]![i] }),
  (c: Columns, i) => ({ key: c[0]![i], used: c[1]![i], capacity: c[2]![i], heldBy: c[3]![i] }),
  (c: Columns, i) => ({ priority: c[0]![i], amount: c[1]![i] }),
];

const EMPTY: ArrayLike<unknown>[] = Array.from({ length: 16 }, () => []);
const BY_KEYS = new Map(FREQUENT.map((make) => [idOf(Object.keys(make(EMPTY, 0))), make]));

function idOf(keys: string[]): string {
  return keys.join("\n");
}

export function recordMaker(keys: string[]): RecordMaker {
  return (
    BY_KEYS.get(idOf(keys)) ??
    ((columns, i) => {
      const record: Record<string, unknown> = {};
      for (let k = 0; k < keys.length; k++) record[keys[k]!] = columns[k]![i];
      return record;
    })
  );
}
