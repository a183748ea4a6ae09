import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
import { parseAnswer } from "../../src/adapters/prometheus/query/answer.ts";
import { configOf } from "./config.ts";

/** What a Prometheus does on bad days; on good ones the tests ask a real one. */
async function standIn(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answer(request, response, ++count));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count };
}

const vector = (rows: object[], more: object = {}) =>
  JSON.stringify({ status: "success", data: { resultType: "vector", result: rows }, ...more });

const EMPTY = vector([]);

async function collect(url: string, more: object = {}) {
  const source = createSignalSource(configOf({ sources: [{ name: "main", type: "prometheus", url, ...more }] }));
  onTestFinished(() => source.close());
  const target = { key: "llm/Deployment/x", workload: "llm/x", namespace: "llm", pods: [{ name: "x-0" }] };
  return source.collect([target], Date.now());
}

test.each([429, 500, 503])("status %d is tried again", async (status) => {
  const failed = new Set<number>();
  const server = await standIn((_request, response, count) => {
    if (failed.size < 3) {
      failed.add(count);
      response.writeHead(status).end("later");
    } else response.end(EMPTY);
  });
  const { warnings } = await collect(server.url, { concurrency: 1, retries: 3 });
  expect(warnings).toEqual([]);
  expect(failed.size).toBe(3);
});

test.each([400, 401, 403, 404, 302])("status %d is not tried again", async (status) => {
  const server = await standIn((_request, response) => {
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("no");
  });
  const first = await collect(server.url, { retries: 3 });
  expect(first.warnings.every((warning) => warning.code === "SourceFailed")).toBe(true);
  expect(first.warnings.map((warning) => warning.message).join()).toContain(
    status === 400 ? "no JSON" : String(status),
  );
  const asked = server.count();
  await collect(server.url, { retries: 0 });
  expect(server.count()).toBe(2 * asked);
});

test("an answer larger than allowed is cut off", async () => {
  const server = await standIn((_request, response) => response.end(vector([], { padding: "x".repeat(5000) })));
  const { warnings } = await collect(server.url, { maxAnswerBytes: 2000, retries: 0 });
  expect(warnings).toMatchObject([{ code: "SourceFailed", message: "the answer is larger than 2000 bytes" }]);
});

test("a server that does not answer is given up", async () => {
  const server = await standIn(() => {});
  const { warnings } = await collect(server.url, { timeoutSeconds: 0.1, retries: 0, concurrency: 64 });
  expect(warnings).toMatchObject([{ code: "SourceFailed", message: "no answer within 0.1 s" }]);
});

test("a partial answer is a warning, in the words of the server", async () => {
  const server = await standIn((_request, response) => {
    response.end(vector([], { warnings: ["store 10.0.0.7 did not answer"] }));
  });
  const { warnings } = await collect(server.url);
  expect(warnings).toMatchObject([{ code: "PartialResponse", message: "store 10.0.0.7 did not answer" }]);
  expect(warnings[0]!.subject).toMatch(/ and \d+ more$/);
});

test("a clock that is far off is a warning", async () => {
  const server = await standIn((_request, response) => {
    response.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString());
    response.end(EMPTY);
  });
  const { warnings } = await collect(server.url);
  expect(
    warnings.some(({ code, message }) => code === "ClockSkew" && /^its clock is (359|360)\d s behind$/.test(message)),
  ).toBe(true);
});

test.each<[string, string, RegExp]>([
  ["a page", "<html>", /no JSON/],
  ["nothing", "", /no JSON/],
  ["another JSON", '{"a":1}', /not as expected/],
  ["a number in place of a text", vector([{ metric: { pod: 3 } }]), /not as expected at data.result.0.metric.pod/],
  ["a matrix", '{"status":"success","data":{"resultType":"matrix","result":[]}}', /not as expected/],
  ["an error", '{"status":"error","errorType":"timeout","error":"query timed out"}', /timeout: query timed out/],
])("an answer that is %s is refused with a reason", (_, body, error) => {
  const answer = parseAnswer(body);
  expect(answer.ok).toBe(false);
  expect(answer.ok ? "" : answer.error).toMatch(error);
});

test("rows that name no pod, or hold no number, go nowhere", async () => {
  const server = await standIn((_request, response) => {
    response.end(
      vector([
        { metric: {}, value: [1, "5"] },
        { metric: { namespace: "llm", pod: "x-0" }, value: [1, "five"] },
        { metric: { namespace: "llm", pod: "x-0", le: "0.1" }, value: [1, "-1"] },
        { metric: { namespace: "llm", pod: "__proto__" }, value: [1, "1"] },
      ]),
    );
  });
  const { signals, warnings } = await collect(server.url);
  const values = Object.values(signals[0]!.signals);
  expect(values.every((value) => ["missing", "rejected"].includes(value.quality))).toBe(true);
  expect(warnings.some((warning) => warning.code === "Rejected")).toBe(true);
});
