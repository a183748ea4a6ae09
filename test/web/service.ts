import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../cli/apportion.ts";

/** A service that runs in a process of its own, with its dashboard. */
interface WebService {
  /** `http://127.0.0.1:…` */
  url: string;
  grpc: string;
  stop(): Promise<number | null>;
}

/** `serve --live` of a fleet. @param state a directory for the file and what the service keeps. */
export async function serveFleet(fleet: object, state: string): Promise<WebService> {
  const file = join(state, "fleet.json");
  writeFileSync(file, JSON.stringify(fleet));
  const flags = ["--live", "--state", state, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--interval", "1s"];
  const child = start(["serve", file, ...flags]);
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  let output = "";
  const { promise, resolve, reject } = Promise.withResolvers<{ grpc: string; url: string }>();
  child.stdout.on("data", (chunk) => {
    output += chunk;
    const grpc = /gRPC listens on (\S+);/.exec(output)?.[1];
    const url = /HTTP listens on (\S+) /.exec(output)?.[1];
    if (grpc !== undefined && url !== undefined) resolve({ grpc, url: `http://${url}` });
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  void exited.then(() => reject(new Error(`ended early: ${output}`)));
  const addresses = await promise;
  return {
    ...addresses,
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
