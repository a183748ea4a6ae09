import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type Page, plainText, startHttpServer } from "../../src/adapters/http/server.ts";

async function serve(pages: Record<string, () => Promise<Page>>) {
  const lines: unknown[] = [];
  const note = (fields: object) => void lines.push(fields);
  const log = { info: note, warn: note, error: note };
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, pages: new Map(Object.entries(pages)), log });
  onTestFinished(() => server.stop());
  return { server, lines, url: `http://127.0.0.1:${server.port}` };
}

const hello = async () => plainText(200, "hello");

test("pages are served to GET and HEAD, whatever the query", async () => {
  const { url } = await serve({ "/a": hello });
  const got = await fetch(`${url}/a?x=1`);
  expect([got.status, await got.text()]).toEqual([200, "hello\n"]);
  expect(got.headers.get("x-content-type-options")).toBe("nosniff");
  expect(got.headers.get("cache-control")).toBe("no-store");
  const head = await fetch(`${url}/a`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "6", ""]);
});

test("other paths, other methods, and pages that fail", async () => {
  const { url, lines } = await serve({
    "/a": hello,
    "/bad": () => Promise.reject(new Error("secret detail")),
  });
  const missing = await fetch(`${url}/b`);
  expect([missing.status, await missing.text()]).toEqual([404, "there is /a, /bad\n"]);
  const posted = await fetch(`${url}/a`, { method: "POST", body: "x" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  const failed = await fetch(`${url}/bad`);
  expect(failed.status).toBe(500);
  expect(await failed.text()).not.toContain("secret");
  expect(lines).toMatchObject([{ path: "/bad", error: "secret detail" }]);
});

test("headers longer than the limit are refused", async () => {
  const { server } = await serve({ "/a": hello });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const options = { port: server.port, host: "127.0.0.1", path: "/a", headers: { x: "a".repeat(9000) } };
  request(options, (response) => resolve(response.resume().statusCode))
    .on("error", reject)
    .end();
  expect(await promise).toBe(431);
});

test("an address that is taken is an error with its code", async () => {
  const { server } = await serve({});
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const again = startHttpServer({ host: "127.0.0.1", port: server.port, pages: new Map(), log });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});
