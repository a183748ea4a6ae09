import type { ComponentName } from "./components.ts";
import { logTail, type Running, startProcess } from "./process.ts";

/** One process of the lab, which a test may hurt. */
export interface Component {
  readonly name: ComponentName;
  readonly pid: number | undefined;
  readonly log: string;
  alive(): boolean;
  /** Starts it on the ports that it had and waits until it is ready. */
  start(): Promise<void>;
  /** As if its machine lost power. */
  kill(): Promise<void>;
  /** Stops it where it is, with its connections open: half-open for its clients. */
  pause(): void;
  resume(): void;
  restart(): Promise<void>;
}

export interface ComponentParts {
  name: ComponentName;
  command: string[];
  log: string;
  environment: NodeJS.ProcessEnv;
  isReady: () => Promise<boolean>;
  /** Told whenever there is a new process, so that its id is kept. */
  onStart: (pid: number) => void;
}

const READY_TIMEOUT_MS = 90_000;
const POLL_MS = 20;

export function component({ name, command, log, environment, isReady, onStart }: ComponentParts): Component {
  let running: Running | undefined;

  async function untilReady(started: Running): Promise<void> {
    const until = performance.now() + READY_TIMEOUT_MS;
    while (!(await isReady())) {
      if (!started.alive()) throw new Error(`${name} ended at once:\n${logTail(log)}`);
      if (performance.now() > until)
        throw new Error(`${name} is not ready after ${READY_TIMEOUT_MS} ms:\n${logTail(log)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function start(): Promise<void> {
    if (running?.alive()) throw new Error(`${name} runs already`);
    running = startProcess(command, log, environment);
    onStart(running.pid);
    await untilReady(running);
  }

  const kill = async () => running?.kill();

  return {
    name,
    log,
    get pid() {
      return running?.pid;
    },
    alive: () => running?.alive() ?? false,
    start,
    kill,
    pause: () => running?.signal("SIGSTOP"),
    resume: () => running?.signal("SIGCONT"),
    restart: async () => {
      await kill();
      await start();
    },
  };
}
