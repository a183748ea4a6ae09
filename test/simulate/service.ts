import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../cli/apportion.ts";

/** `serve --simulate` in a process of its own. */
export interface SimulatedService {
  grpc: string;
  /** `http://127.0.0.1:…` */
  url: string;
  /** What it has printed. */
  output(): string;
  /** A call of the service, as the dashboard makes it. */
  call<Answer>(method: string, request?: object): Promise<Answer>;
  stop(): Promise<number | null>;
}

/** @param state a directory for the file and what the service keeps. @param http where the dashboard is to listen; a free port unless told */
export async function serveSimulation(
  simulation: object,
  state: string,
  { http = "127.0.0.1:0", flags = [] }: { http?: string; flags?: string[] } = {},
): Promise<SimulatedService> {
  const file = join(state, "simulation.json");
  writeFileSync(file, JSON.stringify(simulation));
  const where = ["--listen", "127.0.0.1:0", "--http", http, "--state", state];
  const child = start(["serve", "--simulate", file, ...where, ...flags]);
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  let output = "";
  const { promise, resolve, reject } = Promise.withResolvers<{ grpc: string; url: string }>();
  child.stdout.on("data", (chunk) => {
    output += chunk;
    const grpc = /gRPC listens on ([^\s;]+)/.exec(output)?.[1];
    const url = /Dashboard: (\S+)/.exec(output)?.[1];
    if (grpc !== undefined && url !== undefined) resolve({ grpc, url });
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  void exited.then(() => reject(new Error(`ended early: ${output}`)));
  const { grpc, url } = await promise;
  return {
    grpc,
    url,
    output: () => output,
    call: async (method, request = {}) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/${method}`, { method: "POST", headers, body: JSON.stringify(request) });
      if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`);
      return (await response.json()) as never;
    },
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
