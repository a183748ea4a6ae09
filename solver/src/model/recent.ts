/** Plans remembered: the one in hand and the one it is compared with. */
const PLANS = 2;

interface Remembered {
  x: Float64Array;
  a: Float64Array;
}

/**
 * Attainments of the last plans of an instance. Stages measure the same two plans again and again, each by several yardsticks; to see
 * that counts are the same is far cheaper than to serve them again. By value: arrays of counts may change after they were measured.
 */
export class RecentPlans {
  private readonly plans: Remembered[] = [];

  find(x: ArrayLike<number>): Float64Array | undefined {
    const at = this.plans.findIndex((p) => same(p.x, x));
    if (at < 0) return undefined;
    const found = this.plans[at]!;
    this.plans.splice(at, 1);
    this.plans.unshift(found);
    return found.a;
  }

  note(x: ArrayLike<number>, a: Float64Array): void {
    const oldest = this.plans.length < PLANS ? { x: new Float64Array(x.length), a } : this.plans.pop()!;
    oldest.x.set(x);
    oldest.a = a;
    this.plans.unshift(oldest);
  }
}

function same(x: Float64Array, y: ArrayLike<number>): boolean {
  for (let v = 0; v < x.length; v++) if (x[v] !== y[v]) return false;
  return true;
}
