import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FaultProxy, startFaultProxy } from "./lab/fault-proxy.ts";

let target: Server;
let reached: string[];
let proxy: FaultProxy;

beforeEach(async () => {
  reached = [];
  target = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.write("first\n");
    if (request.url !== "/watch") response.end(`of ${request.headers.authorization}`);
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  proxy = await startFaultProxy({ target: `http://127.0.0.1:${(target.address() as AddressInfo).port}` });
});
afterEach(async () => {
  await proxy.stop();
  target.closeAllConnections();
  target.close();
});

const ask = (path: string, init?: RequestInit) => fetch(`${proxy.url}${path}`, init);

test("passes on requests with their headers and query, and tells what it saw", async () => {
  const response = await ask("/api?limit=1", { headers: { authorization: "Bearer x" } });
  expect(await response.text()).toBe("first\nof Bearer x");
  expect(reached).toEqual(["GET /api?limit=1"]);
  expect(proxy.seen).toMatchObject([{ method: "GET", path: "/api", code: 200 }]);
});

test.each([409, 429, 500])("answers %i in the server's place, as often as told", async (code) => {
  const match = (request: { method: string }) => request.method === "PATCH";
  const fault = proxy.inject({ match, fault: { type: "status", code, retryAfterSeconds: 2 }, times: 1 });
  expect((await ask("/a")).status).toBe(200);
  const refused = await ask("/a", { method: "PATCH" });
  expect(refused.status).toBe(code);
  expect(refused.headers.get("retry-after")).toBe("2");
  expect(await refused.json()).toMatchObject({ kind: "Status", code });
  expect((await ask("/a", { method: "PATCH" })).status).toBe(200);
  expect(fault.hits).toBe(1);
  expect(reached).toEqual(["GET /a", "PATCH /a"]);
});

test("cuts before the request or before the answer", async () => {
  const before = proxy.inject({ fault: { type: "cut" } });
  await expect(ask("/a")).rejects.toThrow();
  expect(reached).toEqual([]);
  before.remove();
  proxy.inject({ fault: { type: "cut-answer" }, times: 1 });
  await expect(ask("/b", { method: "POST" })).rejects.toThrow();
  expect(reached).toEqual(["POST /b"]);
  expect((await ask("/c")).status).toBe(200);
});

test("breaks off a stream, at its time or with all connections", async () => {
  proxy.inject({ fault: { type: "cut-stream", afterMs: 20 }, times: 1 });
  const stream = await ask("/watch");
  await expect(stream.text()).rejects.toThrow();
  const other = await ask("/watch");
  const broken = expect(other.text()).rejects.toThrow();
  proxy.cutAll();
  await broken;
});

test("delays, hangs, and forgets its rules", async () => {
  proxy.inject({ fault: { type: "delay", ms: 5 }, times: 1 });
  expect((await ask("/slow")).status).toBe(200);
  proxy.inject({ fault: { type: "hang" } });
  await expect(ask("/never", { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  proxy.clear();
  expect((await ask("/again")).status).toBe(200);
});
