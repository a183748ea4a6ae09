import type { SaturationState } from "./saturation.ts";

const NUMBERS = [
  "samples",
  "lastAtMs",
  "unitPerSecond",
  "variance",
  "goodPerSecond",
  "saturatedPerSecond",
  "saturatedWeight",
] as const;

/** The state that `unknown` data hold, or undefined where they hold none: then learning starts anew. */
export function parseSaturation(data: unknown): SaturationState | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const fields = data as Record<string, unknown>;
  if (fields.version !== 1) return undefined;
  for (const name of NUMBERS) {
    const value = fields[name];
    if (typeof value !== "number" || !Number.isFinite(value) || (value < 0 && name !== "lastAtMs")) return undefined;
  }
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, fields[name]])) as Record<
    (typeof NUMBERS)[number],
    number
  >;
  const { information, weighted } = fields;
  if (numbers.unitPerSecond === 0 || !areNumbers(information, 3) || !areNumbers(weighted, 2)) return undefined;
  const [aa, ab, bb] = information as [number, number, number];
  if (!(aa > 0) || !(aa * bb - ab * ab > 0)) return undefined;
  return { version: 1, ...numbers, information, weighted };
}

function areNumbers(data: unknown, count: number): data is number[] {
  return (
    Array.isArray(data) &&
    data.length === count &&
    data.every((value) => typeof value === "number" && Number.isFinite(value))
  );
}
