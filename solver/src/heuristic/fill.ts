import { attainmentOf } from "../model/attainment.ts";
import { type Goals, reaches, threshold } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { Usage } from "./usage.ts";

/** Rungs of the water-filling: shares are raised in steps of 5 points. */
const STEPS = 20;

type Change = readonly [variant: number, replicas: number];

/** Scarcity of each row: what would be asked of it if every workload took its cheapest variant, over its capacity. */
function rowPrices(instance: Instance): Float64Array {
  const asked = new Float64Array(instance.rows.length);
  for (const w of instance.workloads) {
    const costs = w.variants.map((v) => instance.variants[v]!.useful * instance.variants[v]!.cost);
    const cheapest = w.variants[costs.indexOf(Math.min(...costs))];
    if (cheapest === undefined) continue;
    for (const { row, coefficient } of instance.rowsOf[cheapest]!)
      asked[row] = asked[row]! + coefficient * instance.variants[cheapest]!.useful;
  }
  let cost = 0;
  let devices = 0;
  for (const v of instance.variants) {
    cost += v.cost;
    devices += v.size * v.members;
  }
  const perDevice = (cost + 1e-6) / Math.max(1, devices);
  return Float64Array.from(instance.rows, (row, r) => {
    const pressure = asked[r]! / Math.max(1, row.capacity);
    const size = row.pool >= 0 ? Math.max(1, row.size) : 1;
    return pressure > 0.7 ? perDevice * size * pressure * pressure * pressure : 0;
  });
}

/** Water-filling, class by class: everyone is lifted rung by rung by the replicas that cost least at the prices of the rows. */
class Filler {
  private readonly instance: Instance;
  private readonly goals: Goals;
  private readonly usage: Usage;
  private readonly price: Float64Array;

  constructor(instance: Instance, goals: Goals, usage: Usage) {
    this.instance = instance;
    this.goals = goals;
    this.usage = usage;
    const rows = rowPrices(instance);
    this.price = Float64Array.from(instance.variants, (v, i) => {
      let price = v.cost + 1e-9;
      for (const { row, coefficient } of instance.rowsOf[i]!) price += rows[row]! * coefficient;
      return price;
    });
  }

  /** Steps that lift one workload: a replica, or one of each lane. */
  private steps(m: number): Change[][] {
    const w = this.instance.workloads[m]!;
    const { variants } = this.instance;
    const of = (role: string) => w.variants.filter((v) => variants[v]!.role === role);
    const steps: Change[][] = of("both").map((v) => [[v, 1] as const]);
    if (w.kind !== "lanes") return steps;
    const lane = (role: string) => of(role).reduce((sum, v) => sum + variants[v]!.gain * this.usage.x[v]!, 0);
    const prefill = lane("prefill");
    const decode = lane("decode");
    if (prefill < decode - 1e-12) steps.push(...of("prefill").map((v): Change[] => [[v, 1]]));
    else if (decode < prefill - 1e-12) steps.push(...of("decode").map((v): Change[] => [[v, 1]]));
    else
      for (const p of of("prefill"))
        steps.push(
          ...of("decode").map((d): Change[] => [
            [p, 1],
            [d, 1],
          ]),
        );
    return steps;
  }

  /** Takes a step as often as it is wanted and fits, at once: large counts must not take as many rounds. */
  private repeat(step: Change[], wanted: number): boolean {
    const room = Math.min(...step.map(([v]) => this.usage.room(v)));
    const lane = step.length === 1 && this.instance.variants[step[0]![0]]!.role !== "both";
    let times = lane ? 1 : Math.max(1, Math.min(room, Math.floor(wanted + 1e-9)));
    for (; times >= 1; times = Math.floor(times / 2))
      if (this.usage.tryAdd(step.map(([v, k]): Change => [v, k * times]))) return true;
    return false;
  }

  /** Adds replicas to m until it reaches `thr` or nothing fits; true where it does. */
  lift(m: number, thr: number): boolean {
    const { x } = this.usage;
    let a = attainmentOf(this.instance, m, x);
    while (!reaches(a, thr)) {
      let best: Change[] | undefined;
      let bestScore = Number.POSITIVE_INFINITY;
      let bestGain = 1;
      for (const step of this.steps(m)) {
        if (step.some(([v]) => this.usage.room(v) < 1)) continue;
        for (const [v, k] of step) this.usage.add(v, k);
        const gain = Math.min(thr, attainmentOf(this.instance, m, x)) - a;
        for (const [v, k] of step) this.usage.add(v, -k);
        const score = step.reduce((sum, [v]) => sum + this.price[v]!, 0) / Math.max(gain, 1e-12);
        if (score < bestScore && this.usage.tryAdd(step)) {
          for (const [v, k] of step) this.usage.add(v, -k);
          bestScore = score;
          bestGain = Math.max(gain, 1e-12);
          best = step;
        }
      }
      if (!best || !this.repeat(best, (thr - a) / bestGain)) return false;
      const next = attainmentOf(this.instance, m, x);
      if (next <= a && bestScore > 1e9) return false;
      a = next;
    }
    return true;
  }

  run(): void {
    this.instance.workloads.forEach((_, m) => {
      if (this.goals.floor[m]! > 0) this.lift(m, this.goals.floor[m]!);
    });
    for (const cls of this.instance.classes) {
      const open = new Set(cls.members.filter((m) => this.goals.weight[m]! > 0));
      for (let k = 1; k <= STEPS; k++)
        for (const m of [...open]) if (!this.lift(m, threshold(this.goals, m, k / STEPS))) open.delete(m);
    }
  }

  /** Takes away what no attainment needs, dearest first. */
  trim(minReplicas: ArrayLike<number>): void {
    const order = [...this.usage.x.keys()].sort((a, b) => this.price[b]! - this.price[a]! || a - b);
    for (const v of order) {
      const m = this.instance.variants[v]!.workload;
      const a = attainmentOf(this.instance, m, this.usage.x);
      // the most that can go: attainment only falls as replicas go, so bisection finds it
      let go = 0;
      let tooMany = this.usage.x[v]! - minReplicas[v]! + 1;
      while (tooMany - go > 1) {
        const k = Math.floor((go + tooMany) / 2);
        this.usage.add(v, -k);
        if (attainmentOf(this.instance, m, this.usage.x) >= a - 1e-12) go = k;
        else tooMany = k;
        this.usage.add(v, k);
      }
      this.usage.add(v, -go);
    }
  }
}

/** A feasible plan above the floors `minReplicas`, which must themselves fit. Deterministic; bounded by the replicas that fit. */
export function fillPlan(instance: Instance, goals: Goals, minReplicas: ArrayLike<number>): Float64Array {
  const usage = new Usage(instance, minReplicas);
  const filler = new Filler(instance, goals, usage);
  filler.run();
  filler.trim(minReplicas);
  return usage.x;
}
