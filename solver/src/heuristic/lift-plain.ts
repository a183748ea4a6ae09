import { reaches } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { Usage } from "./usage.ts";

/** Lifts workloads that are plain sums of capacities: nearly all of a large problem, so nothing is allocated here. */
export class PlainLift {
  private readonly instance: Instance;
  private readonly usage: Usage;
  private readonly price: Float64Array;
  private readonly gain: Float64Array;
  /** By workload: its attainment, kept as replicas are added. */
  private readonly attained: Float64Array;

  constructor(instance: Instance, usage: Usage, price: Float64Array) {
    this.instance = instance;
    this.usage = usage;
    this.price = price;
    this.gain = new Float64Array(instance.variants.length);
    for (let v = 0; v < this.gain.length; v++) this.gain[v] = instance.variants[v]!.gain;
    this.attained = new Float64Array(instance.workloads.length).fill(-1);
  }

  /** Attainment of m with `more` replicas of variant `at`: summed in the order of the model, so that it is the same number. */
  private attainment(m: number, at: number, more: number): number {
    const { gain } = this;
    const { x } = this.usage;
    let a = 0;
    for (const v of this.instance.workloads[m]!.variants) a += gain[v]! * (v === at ? x[v]! + more : x[v]!);
    return a >= 1 - 1e-12 ? 1 : a;
  }

  /** Adds as many replicas as wanted, or half of them, and so on, as fits. */
  private addUpTo(v: number, wanted: number): boolean {
    let times = Math.max(1, Math.min(this.usage.room(v), Math.floor(wanted + 1e-9)));
    for (; times >= 1; times = Math.floor(times / 2))
      if (this.usage.holds(v, times)) {
        this.usage.add(v, times);
        return true;
      }
    return false;
  }

  /** Adds replicas to m until it reaches `thr` or nothing fits; true where it does. */
  lift(m: number, thr: number): boolean {
    let a = this.attained[m]!;
    if (a < 0) a = this.attainment(m, -1, 0);
    while (!reaches(a, thr)) {
      let best = -1;
      let bestScore = Number.POSITIVE_INFINITY;
      let bestGain = 1;
      for (const v of this.instance.workloads[m]!.variants) {
        if (this.usage.room(v) < 1) continue;
        const gain = Math.max(Math.min(thr, this.attainment(m, v, 1)) - a, 1e-12);
        const score = this.price[v]! / gain;
        if (score >= bestScore || !this.usage.holds(v, 1)) continue;
        bestScore = score;
        bestGain = gain;
        best = v;
      }
      if (best < 0 || !this.addUpTo(best, (thr - a) / bestGain)) return this.end(m, a, false);
      const next = this.attainment(m, -1, 0);
      if (next <= a && bestScore > 1e9) return this.end(m, next, false);
      a = next;
    }
    return this.end(m, a, true);
  }

  private end(m: number, a: number, reached: boolean): boolean {
    this.attained[m] = a;
    return reached;
  }

  /** Takes away as many replicas of v as the attainment of its workload does not need: it only falls as they go. */
  trim(v: number, least: number): void {
    const m = this.instance.variants[v]!.workload;
    const a = this.attainment(m, -1, 0);
    let go = 0;
    let tooMany = this.usage.x[v]! - least + 1;
    while (tooMany - go > 1) {
      const k = Math.floor((go + tooMany) / 2);
      if (this.attainment(m, v, -k) >= a - 1e-12) go = k;
      else tooMany = k;
    }
    if (go > 0) this.usage.add(v, -go);
  }
}
