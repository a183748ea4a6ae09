import { describe } from "vitest";
import { type Mutation, pool, rejects } from "./mutated-plan.ts";

const MUTATIONS: Mutation[] = [
  [
    "a packing with too many on a node",
    "pools[pool-a].packing",
    (p) => {
      pool(p, "pool-a").packing![0]!.replicas["chat-small"] = 5;
    },
  ],
  [
    "a packing on too many nodes",
    "pools[pool-a].packing",
    (p) => {
      pool(p, "pool-a").packing![0]!.count += 5;
    },
  ],
  [
    "a packing on a row that is not there",
    "pools[pool-a].packing",
    (p) => {
      pool(p, "pool-a").packing![0]!.row = 7;
    },
  ],
  [
    "a packing that moves a held replica",
    "pools[pool-a].packing",
    (p) => {
      const [first, second] = pool(p, "pool-a").packing!;
      second!.replicas["chat-small"] = (second!.replicas["chat-small"] ?? 0) + first!.replicas["chat-small"]!;
      delete first!.replicas["chat-small"];
    },
  ],
  [
    "a packing without a replica",
    "pools[pool-a].packing",
    (p) => {
      pool(p, "pool-a").packing!.pop();
      pool(p, "pool-a").packing!.shift();
    },
  ],
  [
    "a packing on a node whose taint is not tolerated",
    "pools[pool-a].packing",
    (p) => {
      pool(p, "pool-a").packing!.find((e) => e.row === 1)!.replicas = { "chat-small": 1 };
    },
  ],
  [
    "members of one group on one node",
    "pools[pool-a].packing",
    (p) => {
      for (const e of pool(p, "pool-a").packing!)
        if (e.replicas["code-group"]) e.replicas["code-group"] = 2 * e.replicas["code-group"];
    },
  ],
  [
    "a packing with half a replica",
    "pools[pool-a].packing",
    (p) => {
      pool(p, "pool-a").packing![0]!.replicas["chat-small"] = 0.5;
    },
  ],
  [
    "no packing where rows do not decide",
    "pools[pool-a].fits",
    (p) => {
      pool(p, "pool-a").fits = "rows";
      delete pool(p, "pool-a").packing;
    },
  ],
  [
    "a packing that is missing",
    "pools[pool-a].packing",
    (p) => {
      delete pool(p, "pool-a").packing;
    },
  ],
  [
    "wrong devices in use",
    "pools[pool-a].usedDevices",
    (p) => {
      pool(p, "pool-a").usedDevices -= 1;
    },
  ],
  [
    "wrong free devices",
    "pools[pool-b].freeDevices",
    (p) => {
      pool(p, "pool-b").freeDevices += 1;
    },
  ],
  [
    "a wrong row usage",
    "pools[pool-a].rows",
    (p) => {
      pool(p, "pool-a").rows[0]!.used -= 1;
    },
  ],
  [
    "a wrong row capacity",
    "pools[pool-a].rows",
    (p) => {
      pool(p, "pool-a").rows[0]!.capacity += 1;
    },
  ],
  [
    "a row too few",
    "pools[pool-a].rows",
    (p) => {
      pool(p, "pool-a").rows.pop();
    },
  ],
  [
    "a negative shadow price",
    "pools[pool-b].rows",
    (p) => {
      pool(p, "pool-b").rows[0]!.shadowPrice = -1;
    },
  ],
  [
    "a pool too few",
    "pools[pool-b]",
    (p) => {
      p.pools.pop();
    },
  ],
];

describe("verify rejects a plan with wrong pools and packings:", () => {
  rejects(MUTATIONS);
});
