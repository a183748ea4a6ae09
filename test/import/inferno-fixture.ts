import { readdirSync, readFileSync } from "node:fs";

interface Candidate {
  server: string;
  acc: string;
  type: string;
  unitsPerReplica: number;
  numReplicas: number;
  cost: number;
  maxRPMPerReplica: number;
}

interface Optimum {
  status: string;
  cost?: number | null;
  served_rpm_by_priority?: Record<string, number>;
}

export interface InfernoFixture {
  name: string;
  dialect: "D1" | "D2" | "D3";
  input: { system: { serverData: { servers: { name: string; minNumReplicas?: number }[] } } };
  inferno_candidates: Candidate[];
  inferno_stats: { policy: string; served_rpm_by_priority: Record<string, number> }[];
  optimum_highs: Record<string, Optimum | string>;
}

const FOLDER = new URL("../fixtures/inferno/", import.meta.url);

export const INFERNO_FIXTURES: InfernoFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as InfernoFixture);

export function infernoFixture(name: string): InfernoFixture {
  const found = INFERNO_FIXTURES.find((fixture) => fixture.name === name);
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
}

/** A result of HiGHS, or undefined where it is absent or says that there is none. */
export function optimum(fixture: InfernoFixture, name: string): Optimum | undefined {
  const entry = fixture.optimum_highs[name];
  return typeof entry === "object" ? entry : undefined;
}
