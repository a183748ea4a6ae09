import type { Plan } from "../plan/types.ts";
import type { Bounds } from "./boxes.ts";
import type { Floors } from "./floors.ts";
import { type ClassFacts, type Goals, weightBelow } from "./goals.ts";
import { costOf, logServed, shedOf, totalServed } from "./values.ts";
import type { World } from "./world.ts";

/** What a plan is worth, recomputed: what every stage is measured on. */
export interface Measured {
  world: World;
  goals: Goals;
  replicas: Float64Array;
  attainment: Float64Array;
  floors: Floors;
  /** Weights of those that idle guarantees are lent to first. */
  cohort: Float64Array;
  /** Whole replicas that a plan can have of each variant. */
  boxes: Bounds;
}

export type StageKind =
  | "floors"
  | "guarantees"
  | "rung"
  | "anything"
  | "total"
  | "proportional"
  | "cohort-first"
  | "cost"
  | "penalty";

export interface Stage {
  name: string;
  kind: StageKind;
  sense: "min" | "max";
  /** Recomputed from the plan. */
  reached: number;
  /** True where the certificate must bound it. */
  required: boolean;
  cls?: ClassFacts;
  rung?: number;
}

function classStages(measured: Measured, cls: ClassFacts, rungs: number[]): Stage[] {
  const { world, goals, attainment } = measured;
  const base = `class/${cls.priority}`;
  const required = cls.members.some((m) => world.workloads[m]!.kind !== "idle");
  if (cls.rule === "total") {
    const reached = totalServed(world, cls, attainment).value;
    return [{ name: `${base}/total`, kind: "total", sense: "max", reached, required, cls }];
  }
  if (cls.rule === "proportional") {
    const { value, zeroWeight } = logServed(world, cls, attainment);
    return [
      { name: `${base}/F(${1e-9})`, kind: "anything", sense: "min", reached: zeroWeight, required, cls, rung: 1e-9 },
      { name: `${base}/proportional`, kind: "proportional", sense: "max", reached: value, required, cls },
    ];
  }
  return rungs.map((rung) => ({
    name: `${base}/F(${rung})`,
    kind: "rung",
    sense: "min",
    reached: weightBelow(goals, cls, attainment, rung),
    required: true,
    cls,
    rung,
  }));
}

/** All stages of a plan in the order in which they rule: what a certificate can speak of. */
export function stagesOf(measured: Measured, plan: Plan): Stage[] {
  const { world, goals, floors, replicas, attainment } = measured;
  const stages: Stage[] = [];
  for (const cls of goals.classes) {
    const reached = floors.missingReplicas.get(cls.priority)!;
    stages.push({ name: `floors/${cls.priority}`, kind: "floors", sense: "min", reached, required: reached > 0, cls });
  }
  for (const cls of goals.classes) {
    const reached = floors.missingAttainment.get(cls.priority)!;
    const name = `floors/${cls.priority}/guarantees`;
    stages.push({ name, kind: "guarantees", sense: "min", reached, required: reached > 0, cls });
  }
  const cost = costOf(world, replicas);
  if (world.problem.objective === "penalty") {
    const reached = cost + shedOf(world, attainment);
    stages.push({ name: "penalty", kind: "penalty", sense: "min", reached, required: true });
    return stages;
  }
  const ladders = new Map(plan.classes.map((c) => [c.priority, c.ladder]));
  for (const cls of goals.classes)
    stages.push(
      ...classStages(
        measured,
        cls,
        (ladders.get(cls.priority) ?? []).map((r) => r.rung),
      ),
    );
  if (measured.cohort.some((w) => w > 0)) {
    const reached = measured.cohort.reduce((sum, w, m) => sum + w * attainment[m]!, 0);
    stages.push({ name: "cohort-first", kind: "cohort-first", sense: "max", reached, required: true });
  }
  stages.push({ name: "cost", kind: "cost", sense: "min", reached: cost, required: true });
  return stages;
}
