import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Tokens of (prompt, answer) of a production service; origin and licence beside the file. */
export function azureLengths(): [number, number][] {
  const file = join(import.meta.dirname, "../fixtures/azure-llm-2023/code-sample.csv");
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
  return rows.map((row) => row.split(",").map(Number) as [number, number]);
}
