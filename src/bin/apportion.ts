#!/usr/bin/env node
/** The command `apportion`: puts the parts together and runs one command line. */
import { writeFile as writeTextFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Logger, pino } from "pino";
import { stringify } from "yaml";
import { readDocumentText } from "../adapters/files/document-text.ts";
import { FileError, readTextFile } from "../adapters/files/read-file.ts";
import { startGrpcServer } from "../adapters/grpc/server.ts";
import { inProcessPlacement } from "../app/placement.ts";
import type { CliContext, ServeOptions } from "../cli/context.ts";
import { BadInputError } from "../cli/exit.ts";
import { runCli } from "../cli/program.ts";
import { openAccess } from "./access.ts";
import { CODEC_SCRIPT } from "./codec-script.ts";
import { startLiveService } from "./live-service.ts";
import { packageVersion, startMonitoring, telemetryOf } from "./monitoring.ts";
import { runReplays } from "./replay.ts";
import { startReportedService } from "./reported-service.ts";
import { startSimulatedService } from "./simulated-service.ts";

const placement = inProcessPlacement(readDocumentText);

const context: CliContext = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: packageVersion(),
  exampleFile: example("fleet.yaml"),
  simulationFile: example("simulation.yaml"),
  placement,
  readFile,
  toYaml: (value) => stringify(value),
  serve,
  replay: runReplays,
  writeFile,
  untilSignal: () => new Promise((resolve) => ["SIGINT", "SIGTERM"].map((name) => process.once(name, () => resolve()))),
  onInterrupt: (action) => {
    process.once("SIGINT", action);
    return () => process.off("SIGINT", action);
  },
};

/** From where the command runs. */
function example(name: string): string {
  return relative(process.cwd(), fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)));
}

async function readFile(path: string): Promise<string> {
  try {
    return await readTextFile(path, process.stdin);
  } catch (error) {
    throw error instanceof FileError ? new BadInputError([error.message]) : error;
  }
}

async function writeFile(path: string, text: string): Promise<void> {
  try {
    await writeTextFile(path, text);
  } catch (error) {
    throw new BadInputError([`${path}: cannot be written (${error instanceof Error ? error.message : String(error)})`]);
  }
}

async function serve(options: ServeOptions): ReturnType<CliContext["serve"]> {
  const log = pino({ level: options.logLevel }, pino.destination({ fd: 2, sync: true }));
  try {
    const { kubernetes, reported, simulated } = options;
    if (kubernetes !== undefined) return await startLiveService(placement, log, { ...options, kubernetes });
    if (reported !== undefined) return await startReportedService(placement, log, { ...options, reported });
    if (simulated !== undefined) return await startSimulatedService(placement, log, { ...options, simulated });
    return await startSolveService(log, options);
  } catch (error) {
    throw new BadInputError([error instanceof Error ? error.message : String(error)]);
  }
}

/** The service without a fleet. */
async function startSolveService(log: Logger, options: ServeOptions): ReturnType<CliContext["serve"]> {
  const telemetry = telemetryOf(() => ({ leader: false, unreadParts: 0, sources: [], staleAfterMs: 0 }));
  const { access, close } = await openAccess(options.access);
  const server = await startGrpcServer(placement, log, { ...options, access, telemetry, codecScript: CODEC_SCRIPT });
  const http = await startMonitoring(
    options.http,
    telemetry,
    { ready: () => ({ ready: true, why: "solves" }) },
    log,
  ).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return {
    address: server.address,
    ...(http.address !== undefined && { httpAddress: http.address }),
    stop: async () => {
      http.drain();
      await server.stop();
      await http.stop();
      close();
    },
  };
}

// A reader that closes early (`| head`) has what it wants.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), context);
// Engines may leave idle workers behind; what is written must be out before the process ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit()));
