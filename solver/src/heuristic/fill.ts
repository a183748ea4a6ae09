import { attainmentOf } from "../model/attainment.ts";
import { type Goals, threshold } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { PlainLift } from "./lift-plain.ts";
import { StepLift } from "./lift-steps.ts";
import { scarcityPrices } from "./scarcity.ts";
import { Usage } from "./usage.ts";

/** Rungs of the water-filling: shares are raised in steps of 5 points. */
const STEPS = 20;

/** Water-filling, class by class: everyone is lifted rung by rung by the replicas that cost least at the prices of the rows. */
class Filler {
  private readonly instance: Instance;
  private readonly goals: Goals;
  private readonly usage: Usage;
  private readonly price: Float64Array;
  private readonly plain: PlainLift;
  private readonly others: StepLift;

  constructor(instance: Instance, goals: Goals, usage: Usage) {
    this.instance = instance;
    this.goals = goals;
    this.usage = usage;
    this.price = scarcityPrices(instance);
    this.plain = new PlainLift(instance, usage, this.price);
    this.others = new StepLift(instance, usage, this.price);
  }

  private lift(m: number, thr: number): boolean {
    return this.instance.workloads[m]!.kind === "plain" ? this.plain.lift(m, thr) : this.others.lift(m, thr);
  }

  run(): void {
    const { floor, weight } = this.goals;
    for (let m = 0; m < floor.length; m++) if (floor[m]! > 0) this.lift(m, floor[m]!);
    for (const cls of this.instance.classes) {
      let open = cls.members.filter((m) => weight[m]! > 0);
      for (let k = 1; k <= STEPS; k++) open = open.filter((m) => this.lift(m, threshold(this.goals, m, k / STEPS)));
    }
  }

  /** Takes away what no attainment needs, dearest first. */
  trim(minReplicas: ArrayLike<number>): void {
    const { x } = this.usage;
    const spare: number[] = [];
    for (let v = 0; v < x.length; v++) if (x[v]! > minReplicas[v]!) spare.push(v);
    spare.sort((a, b) => this.price[b]! - this.price[a]! || a - b);
    for (const v of spare) {
      const { kind } = this.instance.workloads[this.instance.variants[v]!.workload]!;
      if (kind === "plain") this.plain.trim(v, minReplicas[v]!);
      else this.trimOther(v, minReplicas[v]!);
    }
  }

  private trimOther(v: number, least: number): void {
    const m = this.instance.variants[v]!.workload;
    const a = attainmentOf(this.instance, m, this.usage.x);
    // the most that can go: attainment only falls as replicas go, so bisection finds it
    let go = 0;
    let tooMany = this.usage.x[v]! - least + 1;
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

/** A feasible plan above the floors `minReplicas`, which must themselves fit. Deterministic; bounded by the replicas that fit. */
export function fillPlan(instance: Instance, goals: Goals, minReplicas: ArrayLike<number>): Float64Array {
  const usage = new Usage(instance, minReplicas);
  const filler = new Filler(instance, goals, usage);
  filler.run();
  filler.trim(minReplicas);
  return usage.x;
}
