import { isIP } from "node:net";

/** Where the service listens. `host` is without brackets. */
export interface ListenAddress {
  host: string;
  port: number;
}

/**
 * Reads `host:port` or `[v6]:port`; port 0 picks a free one.
 *
 * @param flag that it was given with, for messages
 * @throws RangeError that names the value, the rule and the fix
 */
export function parseListenAddress(text: string, flag = "--listen"): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65535)) {
    throw new RangeError(
      `${flag} ${JSON.stringify(text)}: must be host:port or [IPv6]:port with a port of at most 65535; write for example 127.0.0.1:50051`,
    );
  }
  if (match?.[1] !== undefined && isIP(host) !== 6) {
    throw new RangeError(
      `${flag} ${JSON.stringify(text)}: only an IPv6 address stands in brackets; write [::1]:${port}`,
    );
  }
  return { host, port };
}

/** Whether only this machine can reach the address. A name other than `localhost` may resolve to anything. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  if (isIP(host) === 4) return host.startsWith("127.");
  return host === "::1" || /^(0{1,4}:){7}0{0,3}1$/.test(host);
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
