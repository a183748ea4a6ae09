import type { EngineName, SolveOptions } from "@apportion/solver";
import { type Command, InvalidArgumentError, Option } from "commander";

export type Format = "table" | "json";

/** Options of every command that solves, as commander reads them. */
export interface SolveFlags {
  format: Format;
  timeLimit: number;
  gap: number;
  engine: EngineName;
  threads?: number;
  cures: boolean;
}

/** Adds the options; a wrong value is refused with its rule. */
export function addSolveOptions(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "how to print the plan").choices(["table", "json"]).default("table"))
    .addOption(
      new Option("--time-limit <duration>", "answer with the best plan after this time")
        .argParser(parseDuration)
        .default(10_000, "10s"),
    )
    .addOption(
      new Option("--gap <ratio>", "relative gap that counts as proved").argParser(parseGap).default(1e-6, "1e-6"),
    )
    .addOption(
      new Option("--engine <engine>", "how to solve").choices(["auto", "price", "highs", "jslp"]).default("auto"),
    )
    .addOption(new Option("--threads <n>", "threads to use").argParser(wholeNumber(1, 256)))
    .option("--cures", "search the smallest addition that lifts each short workload (many solves)", false);
}

/** The flags as options of the solver. */
export function toSolveOptions(flags: SolveFlags): SolveOptions {
  return {
    engine: flags.engine,
    timeLimitMs: flags.timeLimit,
    gap: flags.gap,
    cures: flags.cures,
    ...(flags.threads !== undefined && { threads: flags.threads }),
  };
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MAX_DURATION_MS = 24 * 3_600_000;

/** `10s`, `500ms`, `1.5m`, `1h` in ms. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ""] ?? Number.NaN);
  if (!(ms > 0 && ms <= MAX_DURATION_MS)) {
    throw new InvalidArgumentError("It must be above 0, at most 24h, and have a unit: write 500ms, 10s or 2m.");
  }
  return ms;
}

function parseGap(text: string): number {
  const gap = text.trim() === "" ? Number.NaN : Number(text);
  if (!(gap >= 0 && gap < 1)) throw new InvalidArgumentError("It must be at least 0 and below 1: write 0.001.");
  return gap;
}

/** How many times as fast as real time: above 0, at most 1000. */
export function parseSpeed(text: string): number {
  const speed = text.trim() === "" ? Number.NaN : Number(text);
  if (!(speed > 0 && speed <= 1000)) throw new InvalidArgumentError("It must be above 0, at most 1000: write 10.");
  return speed;
}

/** A reader of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
