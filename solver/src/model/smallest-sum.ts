/** Nodes of the search before the threshold itself is taken, which is always valid. */
const NODE_LIMIT = 4000;

/** Values this close to the goal are not improved further. */
const CLOSE = 2e-9;

/**
 * The smallest sum of whole multiples of gains that reaches a goal: depth-first, largest gain first. One object is filled again for
 * each workload: these sums are asked for by every workload and rung.
 */
export class SmallestSum {
  private gain = new Float64Array(64);
  private most = new Float64Array(64);
  /** Sum of all that this gain and the smaller ones can add. */
  private rest = new Float64Array(65);
  private count = 0;
  private goal = 0;
  private best = 0;
  private nodes = 0;

  clear(): void {
    this.count = 0;
  }

  /** One more gain, up to `most` times; equal gains keep their order. */
  add(gain: number, most: number): void {
    if (this.count === this.gain.length) this.grow();
    let at = this.count++;
    for (; at > 0 && this.gain[at - 1]! < gain; at--) {
      this.gain[at] = this.gain[at - 1]!;
      this.most[at] = this.most[at - 1]!;
    }
    this.gain[at] = gain;
    this.most[at] = most;
  }

  private grow(): void {
    const { gain, most } = this;
    this.gain = new Float64Array(2 * gain.length);
    this.most = new Float64Array(2 * gain.length);
    this.rest = new Float64Array(2 * gain.length + 1);
    this.gain.set(gain);
    this.most.set(most);
  }

  /** The smallest sum ≥ goal, at least `fallback` and at most 1; `fallback` where it is not found within the node limit. */
  reaching(goal: number, fallback: number): number {
    this.goal = goal;
    this.best = Number.POSITIVE_INFINITY;
    this.nodes = 0;
    this.rest[this.count] = 0;
    for (let i = this.count - 1; i >= 0; i--) this.rest[i] = this.rest[i + 1]! + this.gain[i]! * this.most[i]!;
    const complete = this.visit(0, 0);
    return complete && Number.isFinite(this.best) ? Math.min(1, Math.max(fallback, this.best)) : fallback;
  }

  /** False where the limit cut the search. */
  private visit(i: number, sum: number): boolean {
    if (sum >= this.goal) {
      this.best = Math.min(this.best, sum);
      return true;
    }
    if (i === this.count) return true;
    if (++this.nodes > NODE_LIMIT) return false;
    const gain = this.gain[i]!;
    const least = this.goal - this.rest[i + 1]! - 1e-12;
    for (let k = Math.min(this.most[i]!, Math.ceil((this.goal - sum) / gain)); k >= 0; k--) {
      if (++this.nodes > NODE_LIMIT) return false;
      const next = sum + k * gain;
      // the smaller gains cannot make up for what is missing, and even less for fewer of this one
      if (next < least) break;
      if (next >= this.best) continue;
      if (!this.visit(i + 1, next)) return false;
      if (this.best <= this.goal + CLOSE) return true;
    }
    return true;
  }
}
