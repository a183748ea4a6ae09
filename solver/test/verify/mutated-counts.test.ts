import { describe } from "vitest";
import { type Mutation, rejects, v, w } from "./mutated-plan.ts";

const MUTATIONS: Mutation[] = [
  [
    "more replicas than the quota allows",
    "quota/team-a/pool-b/devices",
    (p) => {
      v(p, "mixed-a").replicas += 3;
    },
  ],
  [
    "more replicas than the nodes hold",
    /^pool\/pool-a\/size/,
    (p) => {
      v(p, "code-group").replicas += 3;
    },
  ],
  [
    "more replicas than the bag holds",
    "pool/pool-b/size/0",
    (p) => {
      v(p, "split-decode").replicas += 4;
    },
  ],
  [
    "more replicas than maxReplicas",
    "variants[chat-small].replicas",
    (p) => {
      v(p, "chat-small").replicas = 4;
    },
  ],
  [
    "fewer replicas than minReplicas",
    "variants[chat-small].replicas",
    (p) => {
      v(p, "chat-small").replicas = 0;
    },
  ],
  [
    "half a replica",
    "variants[mixed-a].replicas",
    (p) => {
      v(p, "mixed-a").replicas -= 0.5;
    },
  ],
  [
    "negative replicas",
    "variants[mixed-b].replicas",
    (p) => {
      v(p, "mixed-b").replicas = -1;
    },
  ],
  [
    "NaN replicas",
    "variants[mixed-b].replicas",
    (p) => {
      v(p, "mixed-b").replicas = Number.NaN;
    },
  ],
  [
    "infinite replicas",
    "variants[split-decode].replicas",
    (p) => {
      v(p, "split-decode").replicas = Number.POSITIVE_INFINITY;
    },
  ],
  [
    "a missing workload",
    "workloads[chat]",
    (p) => {
      p.workloads = p.workloads.filter((o) => o.name !== "chat");
    },
  ],
  [
    "a missing variant",
    "variants[mixed-b]",
    (p) => {
      w(p, "mixed").variants.pop();
    },
  ],
  [
    "a workload twice",
    "workloads[chat]",
    (p) => {
      p.workloads.push(structuredClone(w(p, "chat")));
    },
  ],
  [
    "an unknown workload",
    "workloads[ghost]",
    (p) => {
      p.workloads.push({ name: "ghost", attainment: 1, variants: [] });
    },
  ],
  [
    "a variant of another workload",
    "variants[split-decode]",
    (p) => {
      w(p, "chat").variants.push(w(p, "split").variants.pop()!);
    },
  ],
  [
    "too good an attainment",
    "workloads[chat].attainment",
    (p) => {
      w(p, "chat").attainment += 0.1;
    },
  ],
  [
    "too bad an attainment",
    "workloads[chat].attainment",
    (p) => {
      w(p, "chat").attainment -= 0.1;
    },
  ],
  [
    "NaN attainment",
    "workloads[split].attainment",
    (p) => {
      w(p, "split").attainment = Number.NaN;
    },
  ],
  [
    "a split that serves less",
    "workloads[mixed]",
    (p) => {
      v(p, "mixed-a").servedByType!.long! *= 0.5;
    },
  ],
  [
    "a split that no replica has time for",
    "variants[mixed-a].servedByType",
    (p) => {
      v(p, "mixed-a").servedByType!.short! += 4;
    },
  ],
  [
    "no split at all",
    "workloads[mixed]",
    (p) => {
      for (const o of w(p, "mixed").variants) delete o.servedByType;
    },
  ],
  [
    "a split of a type that is not asked for",
    "variants[mixed-a].servedByType",
    (p) => {
      v(p, "mixed-a").servedByType!.other = 1;
    },
  ],
];

describe("verify rejects a plan with wrong replicas and attainments:", () => {
  rejects(MUTATIONS);
});
