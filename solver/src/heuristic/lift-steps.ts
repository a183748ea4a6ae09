import { attainmentOf } from "../model/attainment.ts";
import { reaches } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { Usage } from "./usage.ts";

type Change = readonly [variant: number, replicas: number];

/** Lifts workloads whose lanes or request types must be looked at together: by steps of a replica, or of one of each lane. */
export class StepLift {
  private readonly instance: Instance;
  private readonly usage: Usage;
  private readonly price: Float64Array;

  constructor(instance: Instance, usage: Usage, price: Float64Array) {
    this.instance = instance;
    this.usage = usage;
    this.price = price;
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
        for (const d of of("decode"))
          steps.push([
            [p, 1],
            [d, 1],
          ]);
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
}
