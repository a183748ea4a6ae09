import { describe } from "vitest";
import { cls, type Mutation, rejects } from "./mutated-plan.ts";
import { entryOf } from "./support.ts";

const MUTATIONS: Mutation[] = [
  [
    "a better level",
    "classes[0].level",
    (p) => {
      cls(p, 0).level += 0.05;
    },
  ],
  [
    "a better total",
    "classes[5].level",
    (p) => {
      cls(p, 5).level += 0.05;
    },
  ],
  [
    "a better proportional level",
    "classes[9].level",
    (p) => {
      cls(p, 9).level = 0.99;
    },
  ],
  [
    "a level bound below the level",
    "classes[0].levelBound",
    (p) => {
      cls(p, 0).levelBound = cls(p, 0).level - 0.1;
    },
  ],
  [
    "a level bound that no rung shows",
    "classes[0].levelBound",
    (p) => {
      for (const r of cls(p, 0).ladder) {
        r.bound = 0;
        entryOf(p, `class/0/F(${r.rung})`).bound = 0;
      }
      cls(p, 0).levelBound = cls(p, 0).level;
      p.status = "feasible";
    },
  ],
  [
    "a total bound that is not that of the certificate",
    "classes[5].levelBound",
    (p) => {
      entryOf(p, "class/5/total").bound += 2;
      p.status = "feasible";
    },
  ],
  [
    "a smaller F",
    "class/0/F(1)/ladder",
    (p) => {
      cls(p, 0).ladder.at(-1)!.reached -= 1;
    },
  ],
  [
    "a rung bound that is not that of the certificate",
    "class/0/F(1)/ladder",
    (p) => {
      cls(p, 0).ladder.at(-1)!.bound -= 1;
    },
  ],
  [
    "a rung too few",
    "class/0/F(0.5)",
    (p) => {
      cls(p, 0).ladder.splice(1, 1);
    },
  ],
  [
    "rungs in disorder",
    "classes[0].ladder",
    (p) => {
      cls(p, 0).ladder.reverse();
    },
  ],
  [
    "a ladder that stops early",
    "classes[0].ladder",
    (p) => {
      cls(p, 0).ladder.pop();
    },
  ],
  [
    "a rule that is not the class's",
    "classes[5].rule",
    (p) => {
      cls(p, 5).rule = "max-min";
    },
  ],
  [
    "a class too few",
    "classes[9]",
    (p) => {
      p.classes.pop();
    },
  ],
  [
    "a cheaper primal",
    "objective.primal",
    (p) => {
      p.objective.primal -= 1;
    },
  ],
  [
    "a NaN primal",
    "objective.primal",
    (p) => {
      p.objective.primal = Number.NaN;
    },
  ],
  [
    "a bound above the primal",
    "objective.bound",
    (p) => {
      p.objective.bound += 1;
    },
  ],
  [
    "a bound that is not that of the certificate",
    "objective.bound",
    (p) => {
      p.objective.bound -= 1;
      p.objective.gap = 1 / p.objective.primal;
      p.status = "feasible";
    },
  ],
  [
    "a gap smaller than it is",
    "objective.gap",
    (p) => {
      p.objective.bound -= 1;
      entryOf(p, "cost").bound -= 1;
      p.status = "feasible";
    },
  ],
  [
    "a negative gap",
    "objective.gap",
    (p) => {
      p.objective.gap = -0.1;
    },
  ],
  [
    "another objective",
    "objective.name",
    (p) => {
      p.objective.name = "penalty";
    },
  ],
];

describe("verify rejects a plan with wrong classes and objective:", () => {
  rejects(MUTATIONS);
});
