import { expect, test } from "vitest";
import { formatListenAddress, isLoopback, parseListenAddress } from "../../src/adapters/grpc/listen-address.ts";
import { startService } from "./service.ts";

test.each([
  ["127.0.0.1:50051", "127.0.0.1", 50051],
  ["localhost:0", "localhost", 0],
  ["[::1]:50051", "::1", 50051],
  ["0.0.0.0:65535", "0.0.0.0", 65535],
])("reads %s", (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
  expect(formatListenAddress({ host, port })).toBe(text);
});

test.each([
  "",
  "50051",
  ":50051",
  "127.0.0.1",
  "127.0.0.1:65536",
  "127.0.0.1:-1",
  "::1:50051",
  "[localhost]:1",
  "a:b:1",
])("refuses %j", (text) => {
  expect(() => parseListenAddress(text)).toThrow(/--listen.*write/);
});

test.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["localhost", true],
  ["::1", true],
  ["0:0:0:0:0:0:0:1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.example.org", false],
  ["localhost.example.org", false],
])("%s is loopback: %s", (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});

test("plain text on an address that others can reach is refused unless it is asked for", async () => {
  await expect(startService(undefined, { listen: "0.0.0.0:0" })).rejects.toThrow(/--tls-cert.*--insecure-listen/);
  const { server } = await startService(undefined, { listen: "0.0.0.0:0", insecureListen: true });
  expect(server.address).toMatch(/^0\.0\.0\.0:\d+$/);
});

test("an address that is taken is an error", async () => {
  const { server } = await startService();
  await expect(startService(undefined, { listen: server.address })).rejects.toThrow();
});
