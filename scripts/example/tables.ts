import { parse } from "yaml";

/** Tables that people wrote, in `examples/*.yaml`; their heads say what each field means. */
export interface Serving {
  of: number;
  free: number;
  half: number;
}

export interface AcceleratorRow {
  trace: string;
  pool: string;
  accelerator: string;
  memoryGib: number;
  memoryBandwidthGBs: number;
  pricePerDeviceHour: number;
  allFree?: boolean;
}

export interface AcceleratorTable {
  serving: Serving;
  accelerators: AcceleratorRow[];
}

export interface ModelRow {
  name: string;
  alphaMs: number;
  betaMs: number;
  gammaMs: number;
  devices: number;
  batch: number;
  atTokens: number;
  weightsGb: number;
}

export interface ModelTable {
  reference: { memoryGib: number; memoryBandwidthGBs: number };
  memoryPerWeights: number;
  maxNumTokens: number;
  queueToBatch: number;
  models: ModelRow[];
}

export interface ClassRow {
  name: string;
  priority: number;
  rule: string;
  ttftMs: number;
  itlMs: number;
}

export interface WorkloadRow {
  name: string;
  tenant: string;
  class: string;
  model: string;
  weight?: number;
  minutes: [number, number];
  prompts: string;
  scale: number;
  /** `pool ×devices`, such as `g2-a10 x2`; with `=n` where n replicas run now. */
  variants: string[];
}

export interface WorkloadTable {
  startSeconds: number;
  lifeHours: number;
  classes: ClassRow[];
  prompts: Record<string, [number, number]>;
  quotas: unknown[];
  cohorts: unknown[];
  workloads: WorkloadRow[];
}

/** The tables are ours and the plan of the example is tested: a wrong one shows there, so shapes are not checked twice. */
export function readTable<T>(text: string): T {
  return parse(text) as T;
}
