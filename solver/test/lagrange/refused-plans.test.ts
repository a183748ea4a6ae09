import { describe, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import { bag, problem, variant, workload } from "../support/build.ts";
import { solved } from "../support/solved.ts";

/** Plans of the price engine that its own check refuses: each of these is a defect that is known. */
describe("plans from prices that are refused", () => {
  // a later round of tangents takes over the method of the entry before, without its prices (proportionalClass)
  it("proportional classes whose second round is given its bound", async () => {
    await solved(fleet({ workloads: 40, pools: 4, ratio: 0.7, seed: 5, rule: "proportional", shapes: true }), {
      engine: "price",
    });
  });

  // TypesPricer.corners: the bound is above the optimum, 103⅓
  it("request types with minima", async () => {
    const only = (type: string) => ({ capacityByType: { [type]: 1 }, capacityPerSecond: undefined, costPerHour: 1 });
    const variants = [
      variant("x", "p", 1, 1, { ...only("long"), minReplicas: 10 }),
      variant("y", "p", 1, 1, only("short")),
    ];
    const requestTypes = ["long", "short"].map((name) => ({ name, demandPerSecond: 60 }));
    const w = workload("w", 120, variants, { requestTypes, shedPenalty: 100 });
    await solved(problem({ objective: "penalty", pools: [bag("p", 400)], workloads: [w] }), { engine: "price" });
  });
});
