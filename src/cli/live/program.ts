import { userInfo } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { WhatIfChange } from "../../gen/apportion/v1/live.ts";
import type { CliContext } from "../context.ts";
import { parseDuration, wholeNumber } from "../solve-options.ts";
import { type LiveFlags, runStatus, runTop, runWatch, runWhatIf, runWhy } from "./commands.ts";
import {
  runApprove,
  runAudit,
  runOverrideClear,
  runOverrideList,
  runOverrideSet,
  type SetFlags,
} from "./override-commands.ts";
import { runSourcesForget, runSourcesList, SOURCE_KINDS, type SourceFlags } from "./source-commands.ts";

type Finish = (code: number) => void;

/** The commands that speak with a running service. */
export function addLiveCommands(program: Command, context: CliContext, finish: Finish): void {
  live(program.command("status").description("the running fleet: workloads, variants, what is to change")).action(
    async (flags: LiveFlags) => finish(await runStatus(context, flags)),
  );
  live(program.command("why").description("why a workload or variant stands where it does"))
    .argument("<name>", "namespace/name of a workload or variant")
    .action(async (name: string, flags: LiveFlags) => finish(await runWhy(context, name, flags)));
  live(program.command("watch").description("a line for every new plan")).action(async (flags: LiveFlags) =>
    finish(await runWatch(context, flags)),
  );
  live(program.command("top").description("the status, live on the whole terminal")).action(async (flags: LiveFlags) =>
    finish(await runTop(context, flags)),
  );
  addWhatIf(program, context, finish);
  addOverride(program, context, finish);
  addSources(program, context, finish);
  live(program.command("approve").description("let the plan that waits be carried out"))
    .argument("<revision>", "of the plan, as status shows it", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .requiredOption("--reason <text>", "why, for the audit trail")
    .addOption(author())
    .action(async (revision: number, flags: LiveFlags & { reason: string; author: string }) =>
      finish(await runApprove(context, revision, flags)),
    );
}

function live(command: Command): Command {
  return command
    .option("--server <host:port>", "where the service listens", "127.0.0.1:50051")
    .option("--tls-ca <file>", "PEM certificate of the authority that signed the service's")
    .option("--tls-cert <file>", "PEM certificate to say who calls")
    .option("--tls-key <file>", "PEM key of that certificate")
    .option("--token <file>", "file with a bearer token")
    .addOption(new Option("--timeout <duration>", "of one call").argParser(parseDuration).default(30_000, "30s"))
    .addOption(new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"));
}

/** Where the caller is authenticated the service takes that identity. */
function author(): Option {
  return new Option("--author <name>", "who decides, where the service does not know").default(userInfo().username);
}

interface WhatIfFlags extends LiveFlags {
  demand: WhatIfChange[];
  nodes: WhatIfChange[];
  priority: WhatIfChange[];
  weight: WhatIfChange[];
}

function addWhatIf(program: Command, context: CliContext, finish: Finish): void {
  const many = (read: (text: string) => WhatIfChange) => (text: string, before: WhatIfChange[]) => [
    ...before,
    read(text),
  ];
  live(program.command("whatif").description("the plan if something were different; nothing is carried out"))
    .option("--demand <workload=rate>", "requests per second of a workload", many(readDemand), [])
    .option("--nodes <pool=+count x devices>", "nodes more or fewer, as h100=+2x8", many(readNodes), [])
    .option("--priority <workload=priority>", "class of a workload", many(readPriority), [])
    .option("--weight <workload=weight>", "weight of a workload", many(readWeight), [])
    .action(async (flags: WhatIfFlags) => {
      const changes = [...flags.demand, ...flags.nodes, ...flags.priority, ...flags.weight];
      finish(await runWhatIf(context, changes, flags));
    });
}

function named(text: string, rule: string): { name: string; value: string } {
  const at = text.lastIndexOf("=");
  if (at <= 0) throw new InvalidArgumentError(rule);
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function numberOf(text: string, rule: string): { name: string; value: number } {
  const { name, value } = named(text, rule);
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new InvalidArgumentError(rule);
  return { name, value: number };
}

function readDemand(text: string): WhatIfChange {
  const { name, value } = numberOf(text, "Write namespace/workload=12.5.");
  return { change: { $case: "demand", value: { workload: name, requestsPerSecond: value } } };
}

function readNodes(text: string): WhatIfChange {
  const rule = "Write pool=+2x8 for two nodes of 8 devices more, pool=-1x8 for one fewer.";
  const { name, value } = named(text, rule);
  const match = /^([+-]\d+)x(\d+)$/.exec(value);
  if (match === null) throw new InvalidArgumentError(rule);
  return {
    change: { $case: "nodes", value: { pool: name, nodes: Number(match[1]), devicesPerNode: Number(match[2]) } },
  };
}

function readPriority(text: string): WhatIfChange {
  const { name, value } = numberOf(text, "Write namespace/workload=0.");
  if (!Number.isInteger(value)) throw new InvalidArgumentError("A priority is a whole number.");
  return { change: { $case: "priority", value: { workload: name, priority: value } } };
}

function readWeight(text: string): WhatIfChange {
  const { name, value } = numberOf(text, "Write namespace/workload=2.");
  return { change: { $case: "weight", value: { workload: name, weight: value } } };
}

function addOverride(program: Command, context: CliContext, finish: Finish): void {
  const group = program.command("override").description("what people decide, before policy and never before physics");
  live(group.command("set").description("shows what it would cost, asks, and sets it"))
    .argument("<type>", "pin, floor, ceiling, freeze, exclude (of a variant) or drain (of a pool or node)")
    .argument("<subject>", "namespace/name of a variant, pool:NAME or node:NAME")
    .addOption(new Option("--replicas <n>", "of pin, floor and ceiling").argParser(wholeNumber(0, 1_000_000_000)))
    .requiredOption("--reason <text>", "why, for the audit trail")
    .addOption(author())
    .addOption(new Option("--for <duration>", "how long it lasts; default 1h").argParser(parseDuration))
    .option("--no-expiry", "until it is cleared")
    .option("--yes", "do not ask", false)
    .action(async (type: string, subject: string, flags: SetFlags & { expiry: boolean }) =>
      finish(await runOverrideSet(context, type, subject, { ...flags, noExpiry: !flags.expiry })),
    );
  live(group.command("list").description("those in force")).action(async (flags: LiveFlags) =>
    finish(await runOverrideList(context, flags)),
  );
  live(group.command("clear").description("takes one back"))
    .argument("<id>", "as list shows it")
    .requiredOption("--reason <text>", "why, for the audit trail")
    .addOption(author())
    .action(async (id: string, flags: LiveFlags & { reason: string; author: string }) =>
      finish(await runOverrideClear(context, id, flags)),
    );
  live(group.command("audit").description("who did what, when, why, and what came of it"))
    .addOption(new Option("--limit <n>", "events").argParser(wholeNumber(1, 1000)).default(50))
    .action(async (flags: LiveFlags & { limit: number }) => finish(await runAudit(context, flags)));
}

function addSources(program: Command, context: CliContext, finish: Finish): void {
  const group = program.command("sources").description("who reports demand, or inventory");
  const kind = () => new Option("--kind <kind>", "what it reports").choices(SOURCE_KINDS).default("demand");
  live(group.command("list").description("the last report of each"))
    .addOption(kind())
    .action(async (flags: SourceFlags) => finish(await runSourcesList(context, flags)));
  live(group.command("forget").description("takes back all that one that is gone for good has said"))
    .argument("<source>", "as list shows it")
    .addOption(kind())
    .requiredOption("--reason <text>", "why, for the audit trail")
    .addOption(author())
    .action(async (source: string, flags: SourceFlags & { reason: string; author: string }) =>
      finish(await runSourcesForget(context, source, flags)),
    );
}
