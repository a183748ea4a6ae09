import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { LabPorts } from "./components.ts";

/**
 * Below the range that the kernel hands out to clients (32768 on Linux): a component that is restarted must find its own
 * port free.
 */
const FIRST_PORT = 18_000;
const LAST_PORT = 32_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Ports at random, since several labs may start at the same time. */
export async function freePorts(): Promise<LabPorts> {
  const taken = new Set<number>();
  const next = async () => {
    for (;;) {
      const port = randomInt(FIRST_PORT, LAST_PORT);
      if (taken.has(port) || !(await isFree(port))) continue;
      taken.add(port);
      return port;
    }
  };
  return {
    etcd: await next(),
    etcdPeer: await next(),
    apiServer: await next(),
    controllerManager: await next(),
    scheduler: await next(),
    kwok: await next(),
  };
}
