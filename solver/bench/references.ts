import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The best plan and the best bound that any run has shown for an instance, and which run. */
export interface Reference {
  plan: number;
  planFrom: string;
  bound: number;
  boundFrom: string;
}

export type References = Record<string, Reference>;

const FILE = join(import.meta.dirname, "references.json");

export function readReferences(file = FILE): References {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as References) : {};
}

export function writeReferences(references: References, file = FILE): void {
  const sorted = Object.fromEntries(Object.entries(references).sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Keeps what is better. */
export function improve(
  references: References,
  id: string,
  { plan, bound }: { plan: number | null; bound: number | null },
  from: string,
): void {
  const known = references[id];
  if (!known) {
    if (plan !== null && bound !== null) references[id] = { plan, planFrom: from, bound, boundFrom: from };
    return;
  }
  if (plan !== null && plan < known.plan) Object.assign(known, { plan, planFrom: from });
  if (bound !== null && bound > known.bound) Object.assign(known, { bound, boundFrom: from });
}

/** Rounding of peers: HiGHS takes rows as kept that are missed by a millionth. */
const TRUST = 1e-5;

/** A plan below a proved bound: one of the two runs is wrong, and no table should hide it. */
export function contradiction(
  known: Reference | undefined,
  { plan, bound }: { plan: number | null; bound: number | null },
): string | undefined {
  if (!known) return undefined;
  if (plan !== null && plan < known.bound * (1 - TRUST)) return `plan ${plan} is below the bound of ${known.boundFrom}`;
  if (bound !== null && bound > known.plan * (1 + TRUST))
    return `bound ${bound} is above the plan of ${known.planFrom}`;
  return undefined;
}

/** A gap in three parts that add up to it: what the plan lacks, what the bound lacks, and what nobody has closed. */
export interface Lacks {
  plan: number;
  bound: number;
  open: number;
}

/** undefined where nothing is known but the run itself. */
export function lacksOf(own: { plan: number; bound: number | null }, known?: Reference): Lacks | undefined {
  if (!known || own.bound === null) return undefined;
  const bestPlan = Math.min(own.plan, known.plan);
  const bestBound = Math.max(own.bound, known.bound);
  const scale = Math.max(1e-9, Math.abs(own.plan));
  return {
    plan: (own.plan - bestPlan) / scale,
    bound: (bestBound - own.bound) / scale,
    open: Math.max(0, bestPlan - bestBound) / scale,
  };
}
