import { readdirSync, readFileSync } from "node:fs";

export interface MelangeInput {
  gpu_info: Record<string, { cost: number; tputs: number[][]; stock?: number; max?: number }>;
  workload_distribution: number[][];
  total_request_rate: number;
  slice_factor: number;
}

export interface MelangeFixture {
  name: string;
  input: MelangeInput;
  melange: { solution: Record<string, number> };
  highs_same_slices: { cost: number };
  highs_continuous_split: { cost: number; gpus: Record<string, number> };
}

const FOLDER = new URL("../fixtures/melange/", import.meta.url);

export const MELANGE_FIXTURES: MelangeFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as MelangeFixture);

export function melangeInput(name: string): MelangeInput {
  const found = MELANGE_FIXTURES.find((fixture) => fixture.name === name);
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return structuredClone(found.input);
}
