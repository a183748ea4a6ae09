/** A workload in the greedy's list: its candidates from the cheapest on, and where it stands in them. */
export interface Server {
  workload: number;
  priority: number;
  at: number;
  candidates: { variant: number; replicas: number; value: number }[];
  /** The same with those that only serve a part, for best effort. */
  partial: { variant: number; replicas: number; value: number }[];
  /** Regret: what the next candidate costs more than the current one. */
  delta: number;
}

/** Regret of a server that has no further candidate. */
export const LAST_CHOICE = Number.MAX_VALUE;

/** True if a stands before b: more regret, then the dearer current candidate, then the earlier name. */
function before(a: Server, b: Server): boolean {
  if (a.delta !== b.delta) return a.delta > b.delta;
  const value = (s: Server) => s.candidates[s.at]?.value ?? 0;
  if (value(a) !== value(b)) return value(a) > value(b);
  return a.workload < b.workload;
}

export interface Order {
  pop(): Server | undefined;
  push(server: Server): void;
}

/** Servers of one priority in a binary heap: the predecessors re-insert into a sorted list, which comes to the same order. */
export function orderOf(servers: readonly Server[]): Order {
  const heap: Server[] = [];
  const swap = (i: number, j: number) => {
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  };
  const push = (server: Server) => {
    heap.push(server);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!before(heap[i]!, heap[parent]!)) break;
      swap(i, parent);
      i = parent;
    }
  };
  const pop = () => {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let i = 0; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && before(heap[child]!, heap[first]!)) first = child;
      if (first === i) return top;
      swap(i, first);
      i = first;
    }
  };
  for (const server of servers) push(server);
  return { pop, push };
}
