#!/usr/bin/env node
/** The command `apportion`: puts the parts together and runs one command line. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { stringify } from "yaml";
import { readDocumentText } from "../adapters/files/document-text.ts";
import { FileError, readTextFile } from "../adapters/files/read-file.ts";
import { startGrpcServer } from "../adapters/grpc/server.ts";
import { inProcessPlacement } from "../app/placement.ts";
import type { CliContext, ServeOptions } from "../cli/context.ts";
import { BadInputError } from "../cli/exit.ts";
import { runCli } from "../cli/program.ts";

const placement = inProcessPlacement(readDocumentText);
const CODEC_SCRIPT = new URL("./codec-thread.ts", import.meta.url);

const context: CliContext = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: packageVersion(),
  exampleFile: relative(process.cwd(), fileURLToPath(new URL("../../examples/fleet.yaml", import.meta.url))),
  placement,
  readFile,
  toYaml: (value) => stringify(value),
  serve,
  untilSignal: () => new Promise((resolve) => ["SIGINT", "SIGTERM"].map((name) => process.once(name, () => resolve()))),
  onInterrupt: (action) => {
    process.once("SIGINT", action);
    return () => process.off("SIGINT", action);
  },
};

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function readFile(path: string): Promise<string> {
  try {
    return await readTextFile(path, process.stdin);
  } catch (error) {
    throw error instanceof FileError ? new BadInputError([error.message]) : error;
  }
}

async function serve(options: ServeOptions): ReturnType<CliContext["serve"]> {
  const log = pino({ level: options.logLevel }, pino.destination({ fd: 2, sync: true }));
  try {
    return await startGrpcServer(placement, log, { ...options, codecScript: CODEC_SCRIPT });
  } catch (error) {
    throw new BadInputError([error instanceof Error ? error.message : String(error)]);
  }
}

// A reader that closes early (`| head`) has what it wants.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), context);
// Engines may leave idle workers behind; what is written must be out before the process ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit()));
