import { type Parsed, shown, type Violation } from "../../domain/violation.ts";
import type { ProblemInput, VariantInput } from "../../plan/problem-input.ts";
import { type MelangeFile, type MelangeGpu, readMelangeFile } from "./file.ts";

export interface ImportedMelange {
  problem: ProblemInput;
  /** What a person should know of the translation. */
  notes: string[];
}

/** A request size with demand; `row` and `column` of the distribution. */
interface Bucket {
  name: string;
  row: number;
  column: number;
  demandPerSecond: number;
}

/**
 * Mélange's way to say that a GPU misses the latency target at a size: its solver divides by throughputs, so 0 would not do. A replica
 * that completes one request in three hours serves no one.
 */
const NOT_SERVED = 0.0001;

/**
 * An input file of Mélange as a placement problem: one workload whose request types (the buckets with demand) share replicas, one
 * pool and one variant for each GPU. A GPU with stock is a bag of that many devices; one without is a bag of as many as
 * it takes to serve everything alone, which no cheapest plan exceeds.
 *
 * Mélange cuts each bucket into `slice_factor` slices and gives each to one GPU type. Here a bucket splits freely, so a plan costs
 * the same or less.
 */
export function importMelange(value: unknown): Parsed<ImportedMelange> {
  const read = readMelangeFile(value);
  if (!read.ok) return read;
  const file = read.value;
  const shapes = shapeViolations(file);
  if (shapes.length > 0) return { ok: false, violations: shapes };
  const buckets = bucketsOf(file);
  const violations = demandViolations(file, buckets);
  if (violations.length > 0) return { ok: false, violations };
  const usable = file.gpus.filter((gpu) => buckets.some((bucket) => throughput(gpu, bucket) > 0));
  const notes = file.gpus.flatMap((gpu) => notesOn(gpu, buckets));
  const problem: ProblemInput = {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    pools: usable.map((gpu) => ({ name: gpu.name, devices: gpu.stock ?? enough(gpu, buckets) })),
    workloads: [
      {
        name: file.name,
        priority: 0,
        demandPerSecond: buckets.reduce((sum, bucket) => sum + bucket.demandPerSecond, 0),
        requestTypes: buckets.map(({ name, demandPerSecond }) => ({ name, demandPerSecond })),
        variants: usable.map((gpu) => variantOf(file.name, gpu, buckets)),
      },
    ],
  };
  return { ok: true, value: { problem, notes } };
}

function bucketsOf(file: MelangeFile): Bucket[] {
  return file.distribution.flatMap((cells, row) =>
    cells
      .map((share, column) => ({
        name: `in${row}-out${column}`,
        row,
        column,
        demandPerSecond: share * file.totalRequestRate,
      }))
      .filter((bucket) => bucket.demandPerSecond > 0),
  );
}

/** Requests per second of one GPU that serves nothing else; 0 where it cannot serve the size. */
function throughput(gpu: MelangeGpu, bucket: Bucket): number {
  const given = gpu.throughputs[bucket.row]?.[bucket.column] ?? 0;
  return given <= NOT_SERVED ? 0 : given;
}

function notesOn(gpu: MelangeGpu, buckets: readonly Bucket[]): string[] {
  const unserved = buckets.filter((bucket) => throughput(gpu, bucket) === 0).length;
  if (unserved === buckets.length) return [`${gpu.name} is left out: it serves none of the sizes that are asked for`];
  if (unserved === 0) return [];
  const sizes = `${unserved} of the ${buckets.length} sizes that are asked for`;
  return [`${gpu.name} is not used for ${sizes}: its throughput there is ${NOT_SERVED} or less`];
}

function variantOf(workload: string, gpu: MelangeGpu, buckets: readonly Bucket[]): VariantInput {
  const served = buckets.filter((bucket) => throughput(gpu, bucket) > 0);
  return {
    name: `${workload}:${gpu.name}`,
    pool: gpu.name,
    devicesPerReplica: 1,
    capacityByType: Object.fromEntries(served.map((bucket) => [bucket.name, throughput(gpu, bucket)])),
    costPerHour: gpu.cost,
  };
}

/** Devices of one GPU type that serve all it can serve. */
function enough(gpu: MelangeGpu, buckets: readonly Bucket[]): number {
  let load = 0;
  for (const bucket of buckets) {
    if (throughput(gpu, bucket) > 0) load += bucket.demandPerSecond / throughput(gpu, bucket);
  }
  return Math.ceil(load);
}

function shapeViolations(file: MelangeFile): Violation[] {
  const columns = file.distribution[0]?.length ?? 0;
  const found: Violation[] = [];
  const check = (path: string, rows: readonly (readonly number[])[]) => {
    if (rows.length === file.distribution.length && rows.every((row) => row.length === columns)) return;
    const widths = [...new Set(rows.map((row) => row.length))].join(" or ");
    found.push({
      path,
      value: `${rows.length} rows of ${widths}`,
      rule: `${file.distribution.length} rows of ${columns}, one cell for each request size`,
      fix: "give every GPU and the distribution the same rows and columns",
    });
  };
  check("workload_distribution", file.distribution);
  for (const gpu of file.gpus) check(`${gpu.path}.tputs`, gpu.throughputs);
  return found;
}

function demandViolations(file: MelangeFile, buckets: readonly Bucket[]): Violation[] {
  if (file.gpus.length === 0) {
    return [{ path: "gpu_info", value: "empty", rule: "at least one GPU", fix: "give { NAME: { cost, tputs } }" }];
  }
  if (buckets.length === 0) {
    const fix = "give the fraction of requests of each size";
    return [{ path: "workload_distribution", value: "all 0", rule: "at least one size with demand", fix }];
  }
  return buckets
    .filter((bucket) => file.gpus.every((gpu) => throughput(gpu, bucket) === 0))
    .map((bucket) => ({
      path: `workload_distribution[${bucket.row}][${bucket.column}]`,
      value: shown(bucket.demandPerSecond / file.totalRequestRate),
      rule: `demand that at least one GPU has a throughput above ${NOT_SERVED} for`,
      fix: "give a GPU that serves this size, or set its demand to 0",
    }));
}
