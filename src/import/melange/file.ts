import { z } from "zod";
import { didYouMean } from "../../domain/nearest-name.ts";
import { cut, type Parsed, shown, type Violation } from "../../domain/violation.ts";
import { MAX_COST, MAX_DEVICES, MAX_RATE } from "../../snapshot/limits.ts";
import { violationsOf } from "../../snapshot/violations.ts";

/**
 * The input file of Mélange (tyler-griggs/melange-release, README "Inputs"): a distribution of request sizes (rows: input sizes,
 * columns: output sizes), a request rate, and for each GPU its hourly cost and its highest throughput for each size.
 * `stock` (or `max`) of a GPU is an extension: how many there are. Absent: as many as needed.
 */
export interface MelangeFile {
  name: string;
  totalRequestRate: number;
  distribution: number[][];
  gpus: MelangeGpu[];
}

export interface MelangeGpu {
  name: string;
  cost: number;
  /** Requests per second, same shape as the distribution. */
  throughputs: number[][];
  stock?: number;
  /** Where in the file it stands, for messages. */
  path: string;
}

const matrix = z.array(z.array(z.number().min(0).max(MAX_RATE)).min(1)).min(1);
const gpu = z.object({
  cost: z.number().min(0).max(MAX_COST),
  tputs: matrix,
  stock: z.int().min(0).max(MAX_DEVICES).optional(),
  max: z.int().min(0).max(MAX_DEVICES).optional(),
});
const name = z.string().min(1).max(200);
/** `gpu_info` by name, as the files have it, and as a list, as the README has it. */
const byName = z
  .record(name, gpu)
  .transform((entries) =>
    Object.entries(entries).map(([key, entry]) => ({ ...entry, name: key, step: `.${cut(key)}` })),
  );
const listed = z
  .array(gpu.extend({ name }))
  .transform((entries) => entries.map((entry, g) => ({ ...entry, step: `[${g}]` })));

function inputSchema(gpuInfo: typeof byName | typeof listed) {
  return z.object({
    name: name.optional(),
    workload_distribution: matrix,
    total_request_rate: z.number().gt(0).max(MAX_RATE),
    // Slices approximate a split of a bucket; here buckets split freely.
    slice_factor: z.number().optional(),
    gpu_info: gpuInfo,
  });
}

const HINTS: Record<string, string> = {
  gpu_info: "give { NAME: { cost, tputs, stock } } for each GPU",
  workload_distribution: "give rows of fractions, a row for each input size, a column for each output size",
  total_request_rate: "give the requests per second of all sizes together",
  tputs: "give requests per second, in the shape of workload_distribution",
  cost: "give the cost of one GPU for one hour",
  stock: "give the number of GPUs that there are, or leave it out",
  max: "give the number of GPUs that there are, or leave it out",
};
const hintOf = (field: string): string =>
  (Object.hasOwn(HINTS, field) ? HINTS[field] : undefined) ?? "see the README of Mélange, section Inputs";

const KNOWN = ["name", "workload_distribution", "total_request_rate", "slice_factor", "gpu_info"];

/** The file, bare or wrapped with its results (`{ name, input }`). */
export function readMelangeFile(value: unknown): Parsed<MelangeFile> {
  const wrapped = isObject(value) && "input" in value;
  const inner = wrapped ? value.input : value;
  const schema = inputSchema(isObject(inner) && Array.isArray(inner.gpu_info) ? listed : byName);
  const parsed = schema.safeParse(inner);
  const prefix = wrapped ? "input." : "";
  if (!parsed.success) {
    const violations = violationsOf(parsed.error, inner, hintOf);
    return { ok: false, violations: violations.map((violation) => ({ ...violation, path: prefix + violation.path })) };
  }
  const file = parsed.data;
  const gpus = file.gpu_info.map((entry): MelangeGpu => {
    const stock = entry.stock ?? entry.max;
    const path = `${prefix}gpu_info${entry.step}`;
    return {
      name: entry.name,
      cost: entry.cost,
      throughputs: entry.tputs,
      path,
      ...(stock === undefined ? {} : { stock }),
    };
  });
  const violations = [...unknownFields(inner, prefix), ...repeatedNames(gpus)];
  if (violations.length > 0) return { ok: false, violations };
  const outerName = wrapped && typeof value.name === "string" ? value.name : undefined;
  return {
    ok: true,
    value: {
      name: file.name ?? outerName ?? "melange",
      totalRequestRate: file.total_request_rate,
      distribution: file.workload_distribution,
      gpus,
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function repeatedNames(gpus: readonly MelangeGpu[]): Violation[] {
  return gpus
    .filter((gpu, g) => gpus.findIndex((earlier) => earlier.name === gpu.name) < g)
    .map((gpu) => ({ path: `${gpu.path}.name`, value: shown(gpu.name), rule: "unique", fix: "merge the two" }));
}

function unknownFields(value: unknown, prefix: string): Violation[] {
  return Object.keys(isObject(value) ? value : {})
    .filter((key) => !KNOWN.includes(key))
    .map((key) => {
      const rule = `no such field here; known are ${KNOWN.join(", ")}`;
      return { path: prefix + cut(key), value: "given", rule, fix: didYouMean(key, KNOWN) };
    });
}
