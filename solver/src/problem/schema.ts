import { z } from "zod";
import type { Draft } from "./draft.ts";
import {
  amounts,
  capacity,
  cost,
  demand,
  fields,
  list,
  name,
  number,
  oneOf,
  said,
  type Wrap,
  whole,
} from "./fields.ts";
import * as limits from "./limits.ts";
import { taintSchema, tolerationSchema } from "./taint-schema.ts";
import { API_VERSION, type PlacementProblem, type Workload } from "./types.ts";

/** As it stands in the input: the demand of a workload with request types may be left to their sum. */
export interface ReadWorkload extends Omit<Workload, "demandPerSecond"> {
  demandPerSecond?: number;
}

/** The shape of a problem with defaults filled in, before what crosses fields is checked. */
export interface ReadProblem extends Omit<PlacementProblem, "workloads" | "sharedServers"> {
  workloads: ReadWorkload[];
  sharedServers: unknown[];
}

const devices = (fix: string) => whole(0, limits.MAX_DEVICES, fix);
const replicas = (fix: string) => whole(0, limits.MAX_REPLICAS, fix);
const priority = () => whole(-limits.MAX_PRIORITY, limits.MAX_PRIORITY, "give a whole number; lower is more important");
const NAME = "give a name that nothing else of its kind has";

function nodeRow(wrap: Wrap) {
  return fields(
    {
      freeDevices: wrap(devices("give the free devices of one such node")),
      count: wrap(whole(0, limits.MAX_COUNT, "give the number of such nodes")).default(1),
      taints: wrap(list(taintSchema(wrap), 0, limits.MAX_TAINTS, "list taints like gpu=h100:NoSchedule")).default(
        () => [],
      ),
      holds: wrap(
        amounts(
          wrap(replicas("give the replicas on one such node")),
          0,
          limits.MAX_HOLDS,
          "write { variant: replicas }",
        ),
      ).default(() => ({})),
    },
    "write a node row like { freeDevices: 8, count: 12 }",
  );
}

function pool(wrap: Wrap) {
  const nodes = list(wrap(nodeRow(wrap)), 0, limits.MAX_NODE_ROWS, "list node rows like { freeDevices: 8, count: 12 }");
  return fields(
    {
      name: wrap(name(NAME)),
      nodes: wrap(nodes).optional(),
      devices: wrap(devices("give the number of devices, or node rows")).optional(),
    },
    "write a pool like { name, nodes: [...] } or { name, devices: 104 }",
  );
}

function classRule(wrap: Wrap) {
  const rule = oneOf("max-min", "proportional", "total", "dominant-share");
  return fields({ priority: wrap(priority()), rule: wrap(rule) }, "write a class like { priority: 0, rule: max-min }");
}

function quota(wrap: Wrap) {
  return fields(
    {
      tenant: wrap(name("name the tenant")),
      pool: wrap(name("name a pool")).optional(),
      guaranteedDevices: wrap(devices("give the devices that the tenant can always have")).default(0),
      maxDevices: wrap(devices("give the devices that the tenant can have at most")).optional(),
      maxCostPerHour: wrap(cost("give the cost per hour that the tenant can have at most")).optional(),
      cohort: wrap(name("name a cohort")).optional(),
    },
    "write a quota like { tenant, pool, guaranteedDevices, maxDevices }",
  );
}

function cohort(wrap: Wrap) {
  return fields(
    {
      name: wrap(name(NAME)),
      parent: wrap(name("name another cohort")).optional(),
      pool: wrap(name("name a pool")).optional(),
      maxDevices: wrap(devices("give the devices that all tenants below can have at most")).optional(),
    },
    "write a cohort like { name, parent, pool, maxDevices }",
  );
}

function variant(wrap: Wrap) {
  const whole1 = (max: number, fix: string) => wrap(whole(1, max, fix));
  const rate = () => wrap(capacity("give the requests per second of one replica; leave out what it cannot serve"));
  return fields(
    {
      name: wrap(name("give a name that no other variant of the problem has")),
      pool: wrap(name("name a pool")),
      role: wrap(oneOf("both", "prefill", "decode")).default("both"),
      devicesPerReplica: whole1(limits.MAX_DEVICES, "give the devices of one replica; of one node's part for a group"),
      nodesPerReplica: whole1(limits.MAX_COUNT, "give the nodes of one replica; 1 unless it is a group").default(1),
      capacityPerSecond: rate().optional(),
      capacityByType: wrap(amounts(rate(), 1, limits.MAX_REQUEST_TYPES, "write { request type: rate }")).optional(),
      costPerHour: wrap(cost("give the cost per hour of one replica")).default(0),
      startCost: wrap(cost("give the cost of starting one replica")).default(0),
      currentReplicas: wrap(replicas("give the replicas that run now")).default(0),
      minReplicas: wrap(replicas("give the least number of replicas")).default(0),
      maxReplicas: wrap(replicas("give the greatest number of replicas, or leave it out")).optional(),
      tolerations: wrap(list(tolerationSchema(wrap), 0, limits.MAX_TAINTS, "list tolerations as in a pod")).default(
        () => [],
      ),
      movable: wrap(z.boolean(said("true or false", "write true or false"))).default(false),
    },
    "write a variant like { name, pool, devicesPerReplica, capacityPerSecond, costPerHour }",
  );
}

function requestType(wrap: Wrap) {
  return fields(
    { name: wrap(name(NAME)), demandPerSecond: wrap(demand("give the requests per second of this type")) },
    "write a request type like { name, demandPerSecond }",
  );
}

function workload(wrap: Wrap) {
  const types = list(
    wrap(requestType(wrap)),
    1,
    limits.MAX_REQUEST_TYPES,
    "list request types, or leave the field out",
  );
  const variants = list(wrap(variant(wrap)), 1, limits.MAX_VARIANTS, "list the ways to serve the workload");
  return fields(
    {
      name: wrap(name(NAME)),
      tenant: wrap(name("name the tenant, or leave it out")).optional(),
      priority: wrap(priority()).default(0),
      weight: wrap(number(limits.MIN_WEIGHT, limits.MAX_WEIGHT, "give the share inside the class; 1 is usual")).default(
        1,
      ),
      demandPerSecond: wrap(demand("give the offered requests per second; 0 for none")).optional(),
      requestTypes: wrap(types).optional(),
      shedPenalty: wrap(cost("give the cost per hour of serving none of it")).default(0),
      variants: wrap(variants),
    },
    "write a workload like { name, priority, demandPerSecond, variants: [...] }",
  );
}

function problem(wrap: Wrap): z.ZodType<ReadProblem> {
  const entries = <S extends z.ZodType>(entry: S, max: number, fix: string) => wrap(list(wrap(entry), 0, max, fix));
  return fields(
    {
      apiVersion: wrap(z.literal(API_VERSION, said(API_VERSION, `write apiVersion: ${API_VERSION}`))),
      kind: wrap(z.literal("PlacementProblem", said("PlacementProblem", "write kind: PlacementProblem"))),
      objective: wrap(oneOf("lexicographic", "penalty")).default("lexicographic"),
      pools: wrap(list(wrap(pool(wrap)), 1, limits.MAX_POOLS, "list the pools of accelerators that replicas run on")),
      classes: entries(classRule(wrap), limits.MAX_CLASSES, "list { priority, rule }").default(() => []),
      quotas: entries(quota(wrap), limits.MAX_QUOTAS, "list the quotas of tenants").default(() => []),
      cohorts: entries(cohort(wrap), limits.MAX_COHORTS, "list cohorts of tenants").default(() => []),
      workloads: wrap(list(wrap(workload(wrap)), 1, limits.MAX_WORKLOADS, "list the workloads to serve")),
      sharedServers: wrap(z.array(z.unknown(), said("a list", "leave it out"))).default(() => []),
    },
    "write a PlacementProblem: { apiVersion, kind, pools, workloads }",
  );
}

export const problemSchema: z.ZodType<ReadProblem> = problem((schema) => schema);

/** The same shape in which null, at any place, stands for what was refused there. */
export const draftSchema = problem((schema) => schema.nullable() as unknown as typeof schema) as z.ZodType<
  Draft<ReadProblem>
>;
