import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { stringify } from "yaml";
import { connect } from "../../src/adapters/kubernetes/api/connection.ts";

function directory(): string {
  const dir = mkdtempSync(join(tmpdir(), "apportion-kubeconfig-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A kubeconfig of one context, `main`. */
function kubeconfig(user: object, cluster: object = {}, dir = directory()): string {
  const file = join(dir, "config");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "main",
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443/", ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "main", context: { cluster: "c", user: "u", namespace: "planning" } }],
  };
  writeFileSync(file, stringify(config));
  return file;
}

/** Through all that `connect` was given beside what it reads: functions cannot cross threads. */
const open = (kubeconfigFile: string, context?: string) =>
  connect({ kubeconfigFile, context, log: () => undefined } as Parameters<typeof connect>[0]);

test("a token and an authority, as the kubeconfig has them", async () => {
  const authority = Buffer.from("an authority").toString("base64");
  const file = kubeconfig({ token: "secret" }, { "certificate-authority-data": authority });
  const { server, namespace, agent, headers } = await open(file);
  expect([server, namespace]).toEqual(["https://127.0.0.1:6443", "planning"]);
  expect(await headers()).toEqual({ Authorization: "Bearer secret" });
  expect(agent).toBeInstanceOf(https.Agent);
  const { ca } = (agent as https.Agent).options;
  expect(Buffer.from(ca as Uint8Array).toString()).toBe("an authority");
});

test("a token in a file is read again as it rotates", async () => {
  const dir = directory();
  const tokenFile = join(dir, "token");
  writeFileSync(tokenFile, "first\n");
  const { headers } = await open(
    kubeconfig({ "auth-provider": { name: "tokenFile", config: { tokenFile } } }, {}, dir),
  );
  expect(await headers()).toEqual({ Authorization: "Bearer first" });
  writeFileSync(tokenFile, "second\n");
  const now = performance.now();
  const clock = vi.spyOn(performance, "now").mockReturnValue(now + 31_000);
  onTestFinished(() => clock.mockRestore());
  expect(await headers()).toEqual({ Authorization: "Bearer second" });
});

test("a program that gives credentials is asked", async () => {
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "from-a-program" },
  };
  const args = ["-e", `console.log(${JSON.stringify(JSON.stringify(credential))})`];
  const exec = { apiVersion: credential.apiVersion, command: process.execPath, args, interactiveMode: "Never" };
  const { headers, agent } = await open(kubeconfig({ exec }));
  expect(await headers()).toEqual({ Authorization: "Bearer from-a-program" });
  expect(agent).toBeInstanceOf(https.Agent);
});

test("what cannot be read is told", async () => {
  const file = kubeconfig({ token: "secret" });
  await expect(open(join(file, "not-there"))).rejects.toThrow(/not-there/);
  await expect(open(file, "other")).rejects.toThrow(/no cluster in the kubeconfig/);
});
