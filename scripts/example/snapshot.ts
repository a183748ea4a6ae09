import { nodeRows, readFleet } from "./fleet.ts";
import { profileOn, round } from "./profile.ts";
import type { AcceleratorTable, ModelTable, WorkloadRow, WorkloadTable } from "./tables.ts";
import { count, type TraceRequest } from "./trace.ts";

export interface ExampleTables {
  accelerators: AcceleratorTable;
  models: ModelTable;
  workloads: WorkloadTable;
}

/** The example as a snapshot document, from the raw data and the tables. */
export function exampleSnapshot(fleetCsv: string, trace: readonly TraceRequest[], tables: ExampleTables) {
  const { accelerators, workloads } = tables;
  const fleet = readFleet(fleetCsv);
  return {
    apiVersion: "apportion.dev/v1",
    kind: "Snapshot",
    inventory: {
      pools: accelerators.accelerators.map((row) => ({
        name: row.pool,
        accelerator: row.accelerator,
        pricePerDeviceHour: row.pricePerDeviceHour,
        nodes: nodeRows(fleet, row, accelerators.serving),
      })),
    },
    classes: workloads.classes.map(({ priority, rule }) => ({ priority, rule })),
    quotas: workloads.quotas,
    cohorts: workloads.cohorts,
    workloads: workloads.workloads.map((row) => workloadOf(row, trace, tables)),
  };
}

function workloadOf(row: WorkloadRow, trace: readonly TraceRequest[], tables: ExampleTables) {
  const { classes, prompts } = tables.workloads;
  const serviceClass = named(classes, row.class, "class");
  const band = prompts[row.prompts];
  if (band === undefined) throw new Error(`${row.name}: no prompts ${row.prompts}`);
  const counted = count(trace, row.minutes, band);
  if (counted.requests === 0) throw new Error(`${row.name}: no requests in minutes ${row.minutes.join("–")}`);
  const tokenMix = { inputTokens: counted.inputTokens, outputTokens: counted.outputTokens };
  return {
    name: row.name,
    tenant: row.tenant,
    priority: serviceClass.priority,
    ...(row.weight === undefined ? {} : { weight: row.weight }),
    demandPerSecond: round(counted.perSecond * row.scale),
    tokenMix,
    slo: { ttftMs: serviceClass.ttftMs, itlMs: serviceClass.itlMs },
    variants: row.variants.map((text) => variantOf(row, text, tokenMix, tables)),
  };
}

function variantOf(
  row: WorkloadRow,
  text: string,
  mix: { inputTokens: number; outputTokens: number },
  { accelerators, models, workloads }: ExampleTables,
) {
  const match = /^(\S+) x(\d+)(?: =(\d+))?$/.exec(text);
  if (match === null) throw new Error(`${row.name}: a variant is like "g2-a10 x2 =1", not "${text}"`);
  const [, pool = "", size = "", running = "0"] = match;
  const devices = Number(size);
  const accelerator = accelerators.accelerators.find((entry) => entry.pool === pool);
  if (accelerator === undefined) throw new Error(`${row.name}: no pool ${pool}`);
  const model = named(models.models, row.model, "model");
  if (devices * accelerator.memoryGib < models.memoryPerWeights * model.weightsGb) {
    throw new Error(`${row.name}: ${row.model} does not fit on ${devices} devices of ${pool}`);
  }
  const costPerHour = accelerator.pricePerDeviceHour * devices;
  const { startSeconds, lifeHours } = workloads;
  return {
    name: `${row.name}-${pool}-x${devices}`,
    pool,
    devicesPerReplica: devices,
    profile: profileOn(models, model, accelerator, devices, mix.inputTokens + mix.outputTokens),
    costPerHour: round(costPerHour),
    startCost: round((costPerHour * startSeconds) / 3600 / lifeHours),
    ...(running === "0" ? {} : { currentReplicas: Number(running) }),
  };
}

function named<T extends { name: string }>(rows: readonly T[], name: string, what: string): T {
  const found = rows.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no ${what} ${name}`);
  return found;
}
