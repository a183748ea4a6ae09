/** Problems for the tests of the service. */
import { readFileSync } from "node:fs";
import { PlacementProblem } from "../../src/gen/apportion/v1/problem.ts";

/** `two-workloads.yaml`: chat fits on L40S, which leaves the H100s to code. */
export const twoWorkloadsText = readFileSync(
  new URL("../fixtures/problems/two-workloads.yaml", import.meta.url),
  "utf8",
);

/** The same as a message. */
export function twoWorkloads(): PlacementProblem {
  return PlacementProblem.fromPartial({
    pools: [
      { name: "h100", nodes: [{ freeDevices: 8, count: 1 }] },
      { name: "l40s", nodes: [{ freeDevices: 4, count: 2 }] },
    ],
    workloads: [
      {
        name: "chat",
        priority: 0,
        demandPerSecond: 4,
        variants: [
          { name: "chat-h100", pool: "h100", devicesPerReplica: 2, capacityPerSecond: 2, costPerHour: 8 },
          { name: "chat-l40s", pool: "l40s", devicesPerReplica: 1, capacityPerSecond: 0.5, costPerHour: 1 },
        ],
      },
      {
        name: "code",
        priority: 10,
        demandPerSecond: 8,
        variants: [{ name: "code-h100", pool: "h100", devicesPerReplica: 4, capacityPerSecond: 4, costPerHour: 16 }],
      },
    ],
  });
}
