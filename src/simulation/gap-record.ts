import { weightedQuantile } from "./quantile.ts";
import { withinTarget } from "./within-target.ts";

/** Times between tokens, each with the number of sequences that waited it. */
export class GapRecord {
  private values = new Float64Array(1024);
  private weights = new Float64Array(1024);
  private size = 0;
  /** Tokens counted. */
  count = 0;
  private sumMs = 0;

  add(gapMs: number, count: number): void {
    this.count += count;
    this.sumMs += gapMs * count;
    if (this.size > 0 && this.values[this.size - 1] === gapMs) {
      this.weights[this.size - 1]! += count;
      return;
    }
    if (this.size === this.values.length) {
      this.values = grown(this.values);
      this.weights = grown(this.weights);
    }
    this.values[this.size] = gapMs;
    this.weights[this.size] = count;
    this.size++;
  }

  /** NaN where nothing was counted. */
  get meanMs(): number {
    return this.sumMs / this.count;
  }

  quantileMs(p: number): number {
    return weightedQuantile(this.values.subarray(0, this.size), this.weights.subarray(0, this.size), p);
  }

  /** Share of tokens within a target; 1 where nothing was counted. */
  shareWithin(targetMs: number): number {
    if (this.count === 0) return 1;
    let within = 0;
    for (let i = 0; i < this.size; i++) if (withinTarget(this.values[i]!, targetMs)) within += this.weights[i]!;
    return within / this.count;
  }
}

function grown(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}
