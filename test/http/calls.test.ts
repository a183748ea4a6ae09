import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { readAssets } from "../../src/adapters/http/assets.ts";
import { startHttpServer } from "../../src/adapters/http/server.ts";
import { twoWorkloadsText } from "../grpc/problems.ts";
import { startService } from "../grpc/service.ts";
import { makeAuthority } from "../tls/certificates.ts";

const SOLVE = "apportion.v1.PlacementService/Solve";
const JSON_TYPE = { "content-type": "application/json" };

async function serve(host = "127.0.0.1", options: Parameters<typeof startService>[1] = {}) {
  const lines: object[] = [];
  const note = (fields: object) => void lines.push(fields);
  const { server } = await startService(undefined, options);
  const http = await startHttpServer({
    host,
    port: 0,
    pages: new Map([["/healthz", async () => ({ status: 200, contentType: "text/plain", body: "ok" })]]),
    calls: { calls: server.calls, anyPeer: false },
    log: { info: note, warn: note, error: note },
  });
  onTestFinished(() => http.stop());
  return { url: `http://127.0.0.1:${http.port}`, port: http.port, lines };
}

/** As `fetch`, with any headers at all. */
function post(url: string, headers: Record<string, string>, body: string): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const sent = request(url, { method: "POST", headers: { ...JSON_TYPE, ...headers } }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
  });
  sent.on("error", reject).end(body);
  return promise;
}

const body = JSON.stringify({ document: twoWorkloadsText });

test("a call is answered as the gRPC service answers it, in the JSON form of protobuf", async () => {
  const { url } = await serve();
  const response = await fetch(`${url}/${SOLVE}`, { method: "POST", headers: JSON_TYPE, body });
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({
    plan: { status: "PLAN_STATUS_OPTIMAL", objective: { name: "OBJECTIVE_LEXICOGRAPHIC" }, conflicts: [] },
  });
});

test("a stream has a message on each line, the plan last", async () => {
  const { url } = await serve();
  const response = await fetch(`${url}/apportion.v1.PlacementService/SolveStream`, {
    method: "POST",
    headers: JSON_TYPE,
    body,
  });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const lines = (await response.text()).trim().split("\n");
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ plan: { status: "PLAN_STATUS_OPTIMAL" } });
});

test("what is wrong is said with its code, its path and its fix", async () => {
  const { url } = await serve();
  const bad = await post(
    `${url}/${SOLVE}`,
    {},
    JSON.stringify({ problem: { workloads: [{ name: "a", weight: -1 }] } }),
  );
  expect(bad.status).toBe(400);
  expect(JSON.parse(bad.body)).toMatchObject({ code: "invalid_argument" });
  expect(JSON.parse(bad.body).violations.map(({ path }: { path: string }) => path)).toContain("workloads[0].weight");
  const malformed = await post(`${url}/${SOLVE}`, {}, "{");
  expect([malformed.status, JSON.parse(malformed.body).code]).toEqual([400, "invalid_argument"]);
  const unknownField = await post(`${url}/${SOLVE}`, {}, '{"dokument": "x"}');
  expect([unknownField.status, JSON.parse(unknownField.body).message]).toEqual([
    400,
    expect.stringContaining("dokument"),
  ]);
  const noFleet = await post(`${url}/apportion.v1.PlacementService/GetPlan`, {}, "{}");
  expect([noFleet.status, JSON.parse(noFleet.body).code]).toEqual([412, "failed_precondition"]);
  expect((await post(`${url}/apportion.v1.PlacementService/Nothing`, {}, "{}")).status).toBe(404);
  const large = await post(`${url}/${SOLVE}`, {}, `{"document": "${"a".repeat(1_100_000)}"}`);
  expect([large.status, JSON.parse(large.body).code]).toEqual([429, "resource_exhausted"]);
});

test.each([
  ["of another site", { origin: "http://elsewhere.example" }],
  ["that a browser says is of another site", { "sec-fetch-site": "cross-site" }],
  ["by a name that was made to lead here", { host: "elsewhere.example" }],
])("a call %s is refused", async (_what, headers) => {
  const { url } = await serve();
  const refused = await post(`${url}/${SOLVE}`, headers as Record<string, string>, body);
  expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, "permission_denied"]);
});

test("a form, which any page can send, is no call", async () => {
  const { url } = await serve();
  const form = await post(`${url}/${SOLVE}`, { "content-type": "text/plain" }, body);
  expect(form.status).toBe(400);
  const got = await fetch(`${url}/${SOLVE}`);
  expect(got.status).toBe(404);
});

test("from another machine nothing is called in plain text, and pages are read all the same", async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal)?.address;
  // A machine without a network has no other to be called from.
  if (outside === undefined) return;
  const { port } = await serve("0.0.0.0");
  const refused = await post(`http://${outside}:${port}/${SOLVE}`, {}, body);
  expect([refused.status, JSON.parse(refused.body).message]).toEqual([
    403,
    expect.stringContaining("forward the port"),
  ]);
  expect((await fetch(`http://${outside}:${port}/healthz`)).status).toBe(200);
});

test("where gRPC speaks TLS, calls go in all the same, and a token with them", async () => {
  const authority = makeAuthority();
  onTestFinished(() => authority.remove());
  const { certFile, keyFile } = authority.sign("/CN=localhost", "IP:127.0.0.1");
  const asked: unknown[] = [];
  const access = {
    howTo: "a token",
    fix: () => "",
    authenticate: async (credentials: object) => {
      asked.push(credentials);
      return { name: "ada", groups: [], provedBy: "kubernetes" as const };
    },
    authorize: async () => true,
  };
  const { url } = await serve("127.0.0.1", {
    tls: { certFile, keyFile },
    access: access as never,
  });
  const answered = await post(`${url}/${SOLVE}`, { authorization: "Bearer abc" }, body);
  expect(answered.status).toBe(200);
  expect(asked).toEqual([{ bearerToken: "abc" }]);
});

test("a directory that is not there has no assets", () => {
  expect(readAssets("/no/such/directory").size).toBe(0);
});
