import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { obtainBinaries, presentBinaries } from "./lab/binaries.ts";
import { COMPONENTS } from "./lab/components.ts";
import { downloadComponent, release } from "./lab/download.ts";
import { cacheDir, pinnedVersions } from "./lab/source.ts";

let dir: string;
let environment: NodeJS.ProcessEnv;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "apportion-binaries-"));
  environment = {
    XDG_CACHE_HOME: join(dir, "cache"),
    KUBEBUILDER_ASSETS: join(dir, "assets"),
    PATH: join(dir, "empty"),
  };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(folder: string, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), "");
}

test("KUBEBUILDER_ASSETS comes first; what it lacks comes from the cache", () => {
  expect(presentBinaries(environment)).toBeUndefined();
  put(join(dir, "assets"), ["etcd", "kube-apiserver"]);
  expect(presentBinaries(environment)).toBeUndefined();
  put(cacheDir(environment), ["controlplane"]);
  const { commands, source } = presentBinaries(environment)!;
  expect(commands.etcd).toEqual([join(dir, "assets/etcd")]);
  expect(commands.kwok).toEqual([join(cacheDir(environment), "controlplane"), "kwok"]);
  expect(source).toMatch(/^KUBEBUILDER_ASSETS \(etcd, kube-apiserver\) and cache /);
  put(join(dir, "assets"), COMPONENTS);
  expect(presentBinaries(environment)?.commands.kwok).toEqual([join(dir, "assets/kwok")]);
});

test("without Go, what is missing is downloaded into the cache", async () => {
  put(join(dir, "assets"), ["etcd"]);
  const asked: string[] = [];
  const binaries = await obtainBinaries(
    () => {},
    environment,
    async ({ url }, path) => {
      asked.push(url);
      put(join(path, ".."), [path.slice(path.lastIndexOf("/") + 1)]);
    },
  );
  expect(asked).toHaveLength(4);
  expect(asked[0]).toContain(`dl.k8s.io/${pinnedVersions().kubernetes}/bin/`);
  expect(binaries.commands.kwok).toEqual([join(cacheDir(environment), "kwok")]);
  expect(presentBinaries(environment)?.source).toContain("cache");
});

test("where nothing can be had, the error says what is missing and what helps", async () => {
  const offline = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND") }));
  const failed = obtainBinaries(() => {}, environment, offline);
  await expect(failed).rejects.toThrow(
    /no etcd, kube-apiserver, .*kwok:\n.*KUBEBUILDER_ASSETS.*no `go`.*ENOTFOUND.*install Go/s,
  );
});

test("a download is kept only if its SHA-256 is the published one", async () => {
  const content = "#!/bin/sh\n";
  let sum = createHash("sha256").update(content).digest("hex");
  const server = createServer((request, response) => {
    response.end(request.url === "/sums" ? `0123  other\n${sum}  kwok\n` : content);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const path = join(dir, "kept/kwok");
  await downloadComponent({ url: `${base}/kwok`, sums: `${base}/sums` }, path);
  expect(readFileSync(path, "utf8")).toBe(content);
  sum = "0".repeat(64);
  const other = join(dir, "refused/kwok");
  await expect(downloadComponent({ url: `${base}/kwok`, sums: `${base}/sums` }, other)).rejects.toThrow(/SHA-256/);
  expect(existsSync(other)).toBe(false);
  expect(readdirSync(join(dir, "refused"))).toEqual([]);
});

test("every component has a release", () => {
  for (const name of COMPONENTS) expect(release(name, pinnedVersions()).url).toMatch(/^https:.*\/v\d/);
});
