/** What depends on the attainment of workloads, packed: terms of m are start[m] … start[m+1]−1. */
export interface PackedTerms {
  start: Int32Array;
  at: Float64Array;
  row: Int32Array;
  amount: Float64Array;
}

/** Collects terms in any order. */
export class Terms {
  private count = 0;
  private workload = new Int32Array(1024);
  private at = new Float64Array(1024);
  private row = new Int32Array(1024);
  private amount = new Float64Array(1024);

  push(m: number, row: number, at: number, amount: number): void {
    if (this.count === this.row.length) this.grow();
    const k = this.count++;
    this.workload[k] = m;
    this.row[k] = row;
    this.at[k] = at;
    this.amount[k] = amount;
  }

  private grow(): void {
    const length = 2 * this.count;
    const ints = (from: Int32Array) => {
      const to = new Int32Array(length);
      to.set(from);
      return to;
    };
    const floats = (from: Float64Array) => {
      const to = new Float64Array(length);
      to.set(from);
      return to;
    };
    this.workload = ints(this.workload);
    this.row = ints(this.row);
    this.at = floats(this.at);
    this.amount = floats(this.amount);
  }

  /** Workload by workload; those of one by rising threshold, then row, then as they came. */
  pack(workloads: number): PackedTerms {
    const { count } = this;
    const start = new Int32Array(workloads + 1);
    for (let k = 0; k < count; k++) start[this.workload[k]! + 1] = start[this.workload[k]! + 1]! + 1;
    for (let m = 0; m < workloads; m++) start[m + 1] = start[m + 1]! + start[m]!;
    const packed = {
      start,
      at: new Float64Array(count),
      row: new Int32Array(count),
      amount: new Float64Array(count),
    };
    const filled = new Int32Array(workloads);
    for (let k = 0; k < count; k++) {
      const m = this.workload[k]!;
      this.insert(packed, k, start[m]!, start[m]! + filled[m]!);
      filled[m] = filled[m]! + 1;
    }
    return packed;
  }

  private insert({ at, row, amount }: PackedTerms, k: number, from: number, to: number): void {
    let i = to;
    while (i > from && (at[i - 1]! > this.at[k]! || (at[i - 1] === this.at[k] && row[i - 1]! > this.row[k]!))) {
      at[i] = at[i - 1]!;
      row[i] = row[i - 1]!;
      amount[i] = amount[i - 1]!;
      i--;
    }
    at[i] = this.at[k]!;
    row[i] = this.row[k]!;
    amount[i] = this.amount[k]!;
  }
}
