import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process of the lab, in a group of its own so that a Ctrl-C meant for the parent does not reach it. */
export interface Running {
  pid: number;
  alive(): boolean;
  /** Sends a signal; no error where it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Kills it, also where it is stopped, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a program; both outputs are appended to a file. */
export function startProcess(command: string[], logFile: string, environment: NodeJS.ProcessEnv): Running {
  const [program = "", ...args] = command;
  const log = openSync(logFile, "a");
  let child: ChildProcess;
  try {
    child = spawn(program, args, { detached: true, env: environment, stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
  child.on("error", () => {});
  if (child.pid === undefined) throw new Error(`cannot start ${program}`);
  child.unref();
  const { pid } = child;
  const alive = () => child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals) => {
    if (alive()) child.kill(name);
  };
  const kill = async () => {
    signal("SIGKILL");
    while (alive()) await sleep(5);
  };
  return { pid, alive, signal, kill };
}

/** The last lines of a log, for an error message. */
export function logTail(logFile: string, lines = 8): string {
  if (!existsSync(logFile)) return "";
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
