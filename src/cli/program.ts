import { Command, CommanderError, Option } from "commander";
import { CONTROLLERS } from "../app/replay/types.ts";
import { runCompletion } from "./commands/completion.ts";
import { type ImportFormat, runImport } from "./commands/import.ts";
import { runPlan } from "./commands/plan.ts";
import { parseControllers, type ReplayFlags, runReplay } from "./commands/replay.ts";
import { DEFAULT_HTTP, runServe, type ServeFlags } from "./commands/serve.ts";
import { DEFAULT_LISTEN } from "./commands/serve-texts.ts";
import { runSize, type SizeFlags } from "./commands/size.ts";
import { runSolve } from "./commands/solve.ts";
import { runVerify } from "./commands/verify.ts";
import type { CliContext } from "./context.ts";
import { BadInputError, EXIT_BAD_INPUT, EXIT_DONE, EXIT_INTERNAL, EXIT_UNREACHABLE, UnreachableError } from "./exit.ts";
import { addLiveCommands } from "./live/program.ts";
import { addSolveOptions, parseDuration, parseSpeed, type SolveFlags, wholeNumber } from "./solve-options.ts";
import { printable } from "./view/text.ts";

type Finish = (code: number) => void;

/** Runs one command line (without node and script). Resolves to the exit code; prints all there is to say. */
export async function runCli(argv: string[], context: CliContext): Promise<number> {
  let exitCode = EXIT_DONE;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, context);
  }
}

/** The whole tree of commands. Each action hands its exit code to `finish`. */
function buildProgram(context: CliContext, finish: Finish): Command {
  const program = new Command("apportion")
    .description("Places replicas of models on scarce accelerators; every plan carries a proof and a reason.")
    .version(context.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns || 80,
      getErrHelpWidth: () => context.stderr.columns || 80,
    })
    .addHelpText("after", EXIT_CODES);
  addServe(program, context, finish);
  addFileCommands(program, context, finish);
  addImport(program, context, finish);
  addVerify(program, context, finish);
  addReplay(program, context, finish);
  addLiveCommands(program, context, finish);
  program
    .command("completion")
    .description("print the completion script of a shell")
    .argument("<shell>", "bash or zsh")
    .action((shell: string) => finish(runCompletion(context, program, shell)))
    .addHelpText("after", examples(["source <(apportion completion bash)"]));
  return program;
}

const EXIT_CODES = `
FILE is YAML or JSON, - is standard input.
Exit codes: 0 done; 1 answered but not met (floors that do not fit, failed
verification); 2 bad input or usage; 3 service not reachable.`;

function examples(lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

function addServe(program: Command, context: CliContext, finish: Finish): void {
  program
    .command("serve")
    .description("run the gRPC service")
    .argument(
      "[file]",
      "a placement problem to plan at the start; with --live, a snapshot; with --simulate, a simulation",
    )
    .option("--example", "plan the example that ships with apportion", false)
    .option("--kubernetes", "run the fleet of a cluster: read it, plan, change it as the policy's mode allows", false)
    .option("--live", "plan a snapshot again and again, with the inventory and demand that sources report", false)
    .option("--simulate", "run the fleet of a simulated cluster: FILE, or the one that ships with apportion", false)
    .addOption(new Option("--speed <times>", "with --simulate: how fast time passes").argParser(parseSpeed).default(10))
    .addOption(
      new Option("--mode <mode>", "with --simulate: what becomes of plans")
        .choices(["observe", "recommend", "approve", "act"])
        .default("act"),
    )
    .option(
      "--trace <file>",
      "with --simulate: requests to follow, time,prompt tokens,answer tokens; default the example's",
    )
    .option("--kubeconfig <file>", "default: KUBECONFIG, ~/.kube/config, the service account")
    .option("--context <name>", "of the kubeconfig; default the current one")
    .option("--scope <name>", "PlacementPolicy to plan by; with --live, name of the memory", "default")
    .option("--namespace <name>", "of lease and memory; default that of the context")
    .option("--state <dir>", "keeps reports over restarts; with --live, memory and overrides, too")
    .option("--signals <file>", "with --kubernetes: a SignalConfig, where to read what the servers say of themselves")
    .option("--record <dir>", "keeps the world of every cycle; apportion plan reads one back")
    .addOption(
      new Option("--interval <duration>", "between cycles where nothing changes")
        .argParser(parseDuration)
        .default(15_000, "15s"),
    )
    .option("--listen <host:port>", "where to listen; port 0 picks a free one", DEFAULT_LISTEN)
    .option("--tls-cert <file>", "PEM certificate chain")
    .option("--tls-key <file>", "PEM key of the certificate")
    .option("--tls-client-ca <file>", "PEM authorities that sign certificates of clients; needs --client-rights")
    .option("--client-rights <file>", "which client may what, by the name in its certificate")
    .addOption(
      new Option("--auth <how>", "ask callers for a token of the cluster, and RBAC for their rights").choices([
        "kubernetes",
      ]),
    )
    .option("--auth-audience <name>", "that tokens must be made for; default the API server's")
    .option("--insecure-listen", "allow plain text and unknown callers on an address that others can reach", false)
    .option("--http <host:port>", "health, readiness and metrics; off for none", DEFAULT_HTTP)
    .addOption(new Option("--max-solves <n>", "solves at a time").argParser(wholeNumber(1, 256)).default(2))
    .addOption(new Option("--max-queued <n>", "solves that wait").argParser(wholeNumber(0, 10_000)).default(16))
    .addOption(
      new Option("--time-limit <duration>", "for the plan at the start; with --live and --simulate, for each plan")
        .argParser(parseDuration)
        .default(3000, "3s"),
    )
    .addOption(
      new Option("--log-level <level>", "of the log on standard error; warn on a terminal, else info").choices([
        "debug",
        "info",
        "warn",
        "error",
        "silent",
      ]),
    )
    .action(async (file: string | undefined, flags: ServeFlags) => finish(await runServe(context, file, flags)))
    .addHelpText(
      "after",
      examples([
        "apportion serve --simulate --speed 30 --mode approve",
        "apportion serve --example",
        "apportion serve fleet.yaml --listen 127.0.0.1:0 --max-solves 4",
        "apportion serve fleet.snapshot.yaml --live --state /var/lib/apportion",
      ]),
    );
}

function addFileCommands(program: Command, context: CliContext, finish: Finish): void {
  addSolveOptions(program.command("solve").description("a placement problem to a certified plan"))
    .argument("<file>", "a placement problem")
    .action(async (file: string, flags: SolveFlags) => finish(await runSolve(context, file, flags)))
    .addHelpText(
      "after",
      examples([
        "apportion solve fleet.yaml",
        "apportion solve fleet.yaml --format json --time-limit 30s --gap 0.001 > plan.json",
        "cat fleet.yaml | apportion solve - --cures",
      ]),
    );
  addSolveOptions(
    program.command("plan").description("a snapshot (SLOs, token mixes, performance) to a certified plan"),
  )
    .argument("<file>", "a snapshot, or a world that serve --record kept")
    .action(async (file: string, flags: SolveFlags) => finish(await runPlan(context, file, flags)))
    .addHelpText("after", examples(["apportion plan snapshot.yaml --format json > plan.json"]));
  program
    .command("size")
    .description("a performance profile, token mix and SLO to the capacity of a replica and its latencies")
    .argument("<file>", "{ profile, tokenMix, slo }, or profiles of { name, role, profile }")
    .addOption(new Option("--format <format>", "how to print it").choices(["table", "json"]).default("table"))
    .option("--curve", "latency percentiles against the rate: a chart, or points in JSON", false)
    .action(async (file: string, flags: SizeFlags) => finish(await runSize(context, file, flags)))
    .addHelpText("after", examples(["apportion size examples/replica.yaml --curve"]));
}

function addImport(program: Command, context: CliContext, finish: Finish): void {
  const group = program.command("import").description("convert a predecessor's input, to standard output");
  const inputs: Record<ImportFormat, string> = {
    inferno: "input of the inferno optimizer, to a snapshot",
    melange: "input of the Mélange solver, to a placement problem",
  };
  for (const from of ["inferno", "melange"] as const) {
    group
      .command(from)
      .description(inputs[from])
      .argument("<file>", "the file to convert")
      .addOption(new Option("--format <format>", "how to print it").choices(["yaml", "json"]).default("yaml"))
      .action(async (file: string, flags: { format: "yaml" | "json" }) =>
        finish(await runImport(context, from, file, flags)),
      )
      .addHelpText(
        "after",
        examples([`apportion import ${from} old.json | apportion ${from === "inferno" ? "plan" : "solve"} -`]),
      );
  }
}

function addVerify(program: Command, context: CliContext, finish: Finish): void {
  program
    .command("verify")
    .description("check a plan against its problem, independently of the engines")
    .argument("<problem>", "the placement problem")
    .argument("<plan>", "the plan, as JSON")
    .addOption(new Option("--format <format>", "how to print the report").choices(["table", "json"]).default("table"))
    .action(async (problem: string, plan: string, flags: { format: "table" | "json" }) =>
      finish(await runVerify(context, problem, plan, flags)),
    )
    .addHelpText(
      "after",
      examples([
        "apportion verify fleet.yaml plan.json",
        "apportion solve f.yaml --format json | apportion verify f.yaml -",
      ]),
    );
}

function addReplay(program: Command, context: CliContext, finish: Finish): void {
  program
    .command("replay")
    .description("traffic through controllers on a simulated fleet: who meets the SLOs, and at what cost")
    .argument("<file>", "a simulation")
    .option("--trace <csv>", "requests to follow: time,prompt tokens,answer tokens; default the example's")
    .addOption(
      new Option("--controllers <names>", `of ${CONTROLLERS.join(", ")}`)
        .argParser(parseControllers)
        .default([...CONTROLLERS], "all"),
    )
    .addOption(
      new Option("--seeds <n>", "courses, from the seed of the file on").argParser(wholeNumber(1, 1000)).default(1),
    )
    .addOption(new Option("--format <format>", "how to print it").choices(["table", "json"]).default("table"))
    .option("--report <html>", "writes a page with charts, too")
    .action(async (file: string, flags: ReplayFlags) => finish(await runReplay(context, file, flags)))
    .addHelpText(
      "after",
      examples([
        "apportion replay examples/scenarios/burst.yaml",
        "apportion replay fleet.simulation.yaml --trace requests.csv --controllers ours,hpa --seeds 5 --report replay.html",
      ]),
    );
}

/** Says what went wrong and which exit code that is. */
function report(error: unknown, context: CliContext): number {
  if (error instanceof CommanderError) {
    // Commander has printed it; help and version end with 0.
    return error.exitCode === 0 ? EXIT_DONE : EXIT_BAD_INPUT;
  }
  if (error instanceof BadInputError) {
    for (const line of error.lines) context.stderr.write(`apportion: ${printable(line)}\n`);
    return EXIT_BAD_INPUT;
  }
  if (error instanceof UnreachableError) {
    context.stderr.write(`apportion: ${printable(error.message)}\n`);
    return EXIT_UNREACHABLE;
  }
  if (error instanceof Error && (error.name === "EngineError" || error.name === "ProblemTooLargeError")) {
    context.stderr.write(`apportion: ${printable(error.message)}\n`);
    return EXIT_BAD_INPUT;
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.stderr.write(`apportion: internal error, please report it with the input:\n${message}\n`);
  return EXIT_INTERNAL;
}
