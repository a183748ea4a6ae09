import { describe } from "vitest";
import { type Mutation, rejects, w } from "./mutated-plan.ts";
import { entryOf } from "./support.ts";

const MUTATIONS: Mutation[] = [
  [
    "no proof of a rung",
    "class/0/F(1)",
    (p) => {
      p.certificate = p.certificate.filter((e) => e.stage !== "class/0/F(1)");
    },
  ],
  [
    "no proof of the cost",
    "cost",
    (p) => {
      p.certificate = p.certificate.filter((e) => e.stage !== "cost");
    },
  ],
  [
    "no proof of the total",
    "class/5/total",
    (p) => {
      p.certificate = p.certificate.filter((e) => e.stage !== "class/5/total");
    },
  ],
  [
    "no proof of the logarithms",
    "class/9/proportional",
    (p) => {
      p.certificate = p.certificate.filter((e) => e.stage !== "class/9/proportional");
    },
  ],
  [
    "no proof of the loans",
    "cohort-first",
    (p) => {
      p.certificate = p.certificate.filter((e) => e.stage !== "cohort-first");
    },
  ],
  [
    "a proof twice",
    "cost",
    (p) => {
      p.certificate.push(structuredClone(entryOf(p, "cost")));
    },
  ],
  [
    "a proof of nothing known",
    "class/7/F(1)",
    (p) => {
      p.certificate.push({ ...entryOf(p, "cost"), stage: "class/7/F(1)" });
    },
  ],
  [
    "a trivial proof that is none",
    "cost/bound",
    (p) => {
      entryOf(p, "cost").method = "trivial";
    },
  ],
  [
    "a dual proof without prices",
    "class/5/total/bound",
    (p) => {
      entryOf(p, "class/5/total").method = "dual";
    },
  ],
  [
    "a negative price",
    "cost",
    (p) => {
      Object.assign(entryOf(p, "cost"), { method: "dual", prices: [{ row: "pool/pool-b/size/0", price: -1 }] });
    },
  ],
  [
    "a price of a row that is not there",
    "cost",
    (p) => {
      Object.assign(entryOf(p, "cost"), { method: "dual", prices: [{ row: "pool/x/size/0", price: 1 }] });
    },
  ],
  [
    "a price of a later stage",
    "class/0/F(0.5)",
    (p) => {
      Object.assign(entryOf(p, "class/0/F(0.5)"), { method: "dual", prices: [{ row: "class/0/F(1)", price: 1 }] });
    },
  ],
  [
    "a reached value that is not reached",
    "class/5/total/reached",
    (p) => {
      entryOf(p, "class/5/total").reached += 1;
    },
  ],
  [
    "the wrong sense",
    "class/5/total",
    (p) => {
      entryOf(p, "class/5/total").sense = "min";
    },
  ],
  [
    "an infinite bound",
    "cost/bound",
    (p) => {
      entryOf(p, "cost").bound = Number.NEGATIVE_INFINITY;
    },
  ],
  [
    "optimal with an open stage",
    "status",
    (p) => {
      entryOf(p, "class/9/proportional").bound += 1;
    },
  ],
  [
    "infeasible without a conflict",
    "status",
    (p) => {
      p.status = "infeasible";
    },
  ],
  [
    "a conflict without infeasible",
    "status",
    (p) => {
      p.conflicts.push({
        rule: "MinReplicas",
        pool: "pool-a",
        workloads: ["chat"],
        variants: ["chat-small"],
        asked: 1,
        available: 0,
      });
    },
  ],
  [
    "a conflict that excuses nothing",
    "conflicts[0]",
    (p) => {
      p.status = "infeasible";
      p.conflicts.push({
        rule: "MinReplicas",
        pool: "pool-a",
        workloads: ["chat"],
        variants: ["chat-small"],
        asked: 1,
        available: 0,
      });
    },
  ],
  [
    "no plan of the tenant alone",
    "guarantees[team-a]",
    (p) => {
      p.guarantees = [];
    },
  ],
  [
    "a lower floor than alone",
    "guarantees[team-a].floors[mixed]",
    (p) => {
      p.guarantees[0]!.floors[0]!.attainment -= 0.1;
    },
  ],
  [
    "a plan alone that does not hold",
    /^guarantees\[team-a\]\//,
    (p) => {
      p.guarantees[0]!.plan.workloads[0]!.variants[0]!.replicas += 1;
    },
  ],
  [
    "a guarantee for a tenant that has none",
    "guarantees[team-b]",
    (p) => {
      p.guarantees.push({ ...structuredClone(p.guarantees[0]!), tenant: "team-b" });
    },
  ],
  [
    "a reason that names a row that is not there",
    "workloads[chat].reason",
    (p) => {
      w(p, "chat").reason = {
        code: "PoolFull",
        sentence: "",
        binding: [{ key: "pool/x/size/1", used: 1, capacity: 1, heldBy: [] }],
      };
    },
  ],
];

describe("verify rejects a plan with wrong certificate, conflicts and guarantees:", () => {
  rejects(MUTATIONS);
});
