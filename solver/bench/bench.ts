import { ladder } from "./commands/ladder.ts";
import { peers } from "./commands/peers.ts";
import { plot } from "./commands/plot.ts";
import { real } from "./commands/real.ts";
import { collectReferences } from "./commands/references.ts";
import { replan } from "./commands/replan.ts";
import { scale } from "./commands/scale.ts";
import { scenarios } from "./commands/scenarios.ts";
import { sizes } from "./commands/sizes.ts";
import type { Job } from "./job.ts";
import { type References, readReferences, writeReferences } from "./references.ts";
import { type Run, runLoudly } from "./run-cell.ts";
import { type Section, writeSection } from "./sections.ts";
import { type Settings, settingsFrom, USAGE } from "./settings.ts";

/** `npm run bench -- COMMAND`: tables on standard output, what runs now on standard error. */
type Command = (s: Settings, run: Run, references: References) => Promise<Section>;

const COMMANDS: Record<string, Command> = { sizes, scale, ladder, replan, scenarios, real, peers, plot };

const WARM = "Warm: every process had solved a fleet of up to 1,000 workloads before.";

type OurJob = Extract<Job, { engine: unknown }>;

const isOurs = (job: Job): job is OurJob => "engine" in job;

async function main(args: string[]): Promise<number> {
  const settings = settingsFrom(args);
  const commands: Record<string, Command> = { ...COMMANDS, references: collectReferences };
  const names = settings.command === "all" ? Object.keys(COMMANDS) : [settings.command];
  if (!names.every((name) => name in commands)) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const references = readReferences();
  const run: Run = settings.warm ? (job) => runLoudly(isOurs(job) ? { ...job, warm: true } : job) : runLoudly;
  for (const name of names) {
    const section = await commands[name]!(settings, run, references);
    if (settings.warm) section.lines.push("", WARM);
    process.stdout.write(`${section.lines.join("\n")}\n\n`);
    if (!settings.write) continue;
    writeSection(section);
    writeReferences(references);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
