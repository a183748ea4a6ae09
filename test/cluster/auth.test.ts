import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { credentials, Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { KubernetesApi } from "../../src/adapters/kubernetes/api/client.ts";
import { type Connection, connect } from "../../src/adapters/kubernetes/api/connection.ts";
import { KubernetesAccess } from "../../src/adapters/kubernetes/token-review.ts";
import { DemandServiceClient } from "../../src/gen/apportion/v1/demand.ts";
import type { GetStatusResponse } from "../../src/gen/apportion/v1/live.ts";
import { OverrideServiceClient, OverrideSpec, type SetOverrideResponse } from "../../src/gen/apportion/v1/override.ts";
import { PlacementServiceClient } from "../../src/gen/apportion/v1/placement.ts";
import { makeAuthority } from "../tls/certificates.ts";
import { waitFor } from "./lab/cluster.ts";
import { type Lab, startLab } from "./lab/lab.ts";
import { acceleratorNodes } from "./lab/objects.ts";
import { addVariant, setUpFleet } from "./live/fleet.ts";
import { demandReport, promised, runCli } from "./live/service.ts";

/** Callers with tokens of real service accounts, rights by real roles, over TLS on an address that others can reach. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const authority = makeAuthority();
const server = authority.sign("/CN=apportion", "DNS:localhost,IP:127.0.0.1");
const GROUP = "apportion.dev";

/** Service accounts of namespace `default` and what their roles allow. */
const ROLES: Record<string, { verbs: string[]; resources: string[] }[]> = {
  reader: [{ verbs: ["get"], resources: ["placements"] }],
  reporter: [{ verbs: ["create"], resources: ["reports"] }],
  operator: [
    { verbs: ["get"], resources: ["placements"] },
    { verbs: ["create"], resources: ["placementoverrides"] },
  ],
  nobody: [],
};

let lab: Lab;
let child: ChildProcess;
let [output, address, http] = ["", "", ""];
const tokens: Record<string, string> = {};

async function makeAccount(name: string): Promise<void> {
  const metadata = { name, namespace: "default" };
  await lab.create({ apiVersion: "v1", kind: "ServiceAccount", metadata });
  const rbac = "rbac.authorization.k8s.io";
  const rules = (ROLES[name] ?? []).map((rule) => ({ apiGroups: [GROUP], ...rule }));
  await lab.api.post(`/apis/${rbac}/v1/clusterroles`, {
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: `test-${name}` } },
    rules,
  });
  await lab.api.post(`/apis/${rbac}/v1/clusterrolebindings`, {
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata: { name: `test-${name}` } },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: `test-${name}` },
    subjects: [{ kind: "ServiceAccount", ...metadata }],
  });
  tokens[name] = await tokenOf(name);
}

async function tokenOf(name: string, audiences?: string[]): Promise<string> {
  const path = `/api/v1/namespaces/default/serviceaccounts/${name}/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences } };
  const { status: made } = await lab.api.post(path, request);
  return made.token;
}

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 1) });
  await setUpFleet(lab);
  await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5 } });
  for (const name of Object.keys(ROLES)) await makeAccount(name);
  const flags = [
    ...["--kubernetes", "--kubeconfig", lab.kubeconfig, "--interval", "1s", "--auth", "kubernetes"],
    ...["--listen", "0.0.0.0:0", "--tls-cert", server.certFile, "--tls-key", server.keyFile, "--http", "127.0.0.1:0"],
  ];
  child = spawn(process.execPath, ["src/bin/apportion.ts", "serve", ...flags], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`the service ended: ${output}`)));
  const listening = waitFor("the service", async () => {
    http = `http://${/HTTP listens on (\S+)/.exec(output)?.[1]}`;
    const port = /gRPC listens on 0\.0\.0\.0:(\d+);/.exec(output)?.[1];
    return port && !http.endsWith("undefined") && `localhost:${port}`;
  });
  ended.catch(() => undefined);
  address = await Promise.race([listening, ended]);
  await waitFor("a plan", async () => (await as("operator").status()).plan !== undefined);
}, 120_000);

afterAll(async () => {
  if (child?.exitCode === null) {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
  await lab?.stop();
  authority.remove();
});

const SPEC = OverrideSpec.fromPartial({
  type: "OVERRIDE_TYPE_FREEZE",
  subjectKind: "OVERRIDE_SUBJECT_KIND_VARIANT",
  subject: "default/chat",
  reason: "incident",
  author: "somebody else",
});

/** Calls of one account, each on a connection of its own. */
function as(account: string, token = tokens[account]) {
  const channel = credentials.createSsl(authority.certificate);
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  const client = { placement: PlacementServiceClient, demand: DemandServiceClient, override: OverrideServiceClient };
  const using = async <T extends { close(): void }, R>(one: T, work: (one: T) => Promise<R>): Promise<R> => {
    try {
      return await work(one);
    } finally {
      one.close();
    }
  };
  return {
    status: () =>
      using(new client.placement(address, channel), (one) =>
        promised<GetStatusResponse>((done) => one.getStatus({}, metadata, done)),
      ),
    report: () =>
      using(new client.demand(address, channel), (one) =>
        promised((done) => one.reportDemand({ report: demandReport("test", Date.now(), { chat: 5 }) }, metadata, done)),
      ),
    override: () =>
      using(new client.override(address, channel), (one) =>
        promised<SetOverrideResponse>((done) => one.setOverride({ spec: SPEC }, metadata, done)),
      ),
  };
}

const denied = (name: string, right: string) => ({
  code: status.PERMISSION_DENIED,
  details: expect.stringMatching(
    new RegExp(`^system:serviceaccount:default:${name} may not ${right}; bind .* to a ClusterRole that allows`),
  ),
});

test("who reads may read, and neither override nor report", async () => {
  const reader = as("reader");
  expect((await reader.status()).leader).toBe(true);
  await expect(reader.override()).rejects.toMatchObject(denied("reader", "override"));
  await expect(reader.report()).rejects.toMatchObject(denied("reader", "report"));
});

test("who reports may report, and neither override nor read", async () => {
  const reporter = as("reporter");
  await reporter.report();
  await expect(reporter.override()).rejects.toMatchObject(denied("reporter", "override"));
  await expect(reporter.status()).rejects.toMatchObject(denied("reporter", "read"));
});

test("the author of an override is who was authenticated, here and in the cluster", async () => {
  const { override } = await as("operator").override();
  expect(override?.author).toBe("system:serviceaccount:default:operator");
  const [stored] = await lab.api.list(`/apis/${GROUP}/v1alpha1/placementoverrides`);
  expect(stored?.spec.author).toBe("system:serviceaccount:default:operator");
  await lab.api.delete(`/apis/${GROUP}/v1alpha1/placementoverrides`);
});

test("no token, a made-up one, and one without any role", async () => {
  for (const token of [undefined, "made-up"]) {
    await expect(as("none", token).status()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  }
  await expect(as("nobody").status()).rejects.toMatchObject(denied("nobody", "read"));
});

test("the command line shows its token, and the log none", async () => {
  const [tokenFile, caFile] = [join(lab.dir, "operator.token"), authority.certFile];
  writeFileSync(tokenFile, `${tokens.operator}\n`, { mode: 0o600 });
  const flags = ["--server", address, "--tls-ca", caFile, "--token", tokenFile];
  const set = ["override", "set", "ceiling", "default/chat", "--replicas", "3", "--reason", "test", "--yes"];
  expect(await runCli([...set, "--author", "mallory", ...flags])).toMatchObject({ code: 0 });
  const audit = await runCli(["override", "audit", "--format", "json", ...flags]);
  expect(audit.stdout).toContain("system:serviceaccount:default:operator");
  expect(audit.stdout).not.toContain("mallory");
  for (const token of Object.values(tokens)) expect(output).not.toContain(token.split(".")[2]);
});

test("a right that is given is there within seconds", async () => {
  const roles = `/apis/rbac.authorization.k8s.io/v1/clusterroles/test-nobody`;
  await lab.api.patch(roles, { rules: [{ apiGroups: [GROUP], verbs: ["get"], resources: ["placements"] }] });
  await waitFor("the right", () => as("nobody").status());
});

test("metrics and readiness tell of the fleet", async () => {
  await waitFor("readiness", async () => (await fetch(`${http}/readyz`)).status === 200);
  const text = await (await fetch(`${http}/metrics`)).text();
  const variant = 'namespace="default",variant="chat",workload="chat",pool="h100"';
  expect(text).toContain("apportion_leader 1");
  expect(text).toContain(`apportion_variant_desired_replicas{${variant}} 1`);
  expect(text).toMatch(/wva_desired_replicas\{variant_name="chat",namespace="default",accelerator_type="\w+"/);
  expect(text).toMatch(/apportion_cycles_total\{outcome="planned"\} [1-9]/);
  expect(text).toMatch(/apportion_reports_total\{kind="demand",outcome="applied"\} 1/);
  expect(text).toMatch(/apportion_pool_used_devices\{pool="h100"\} 4/);
  expect(text).toMatch(/apportion_grpc_calls_total\{[^}]*grpc_code="PERMISSION_DENIED"\} [1-9]/);
});

/** The access of the service on its own, with requests counted. */
async function counted(options: ConstructorParameters<typeof KubernetesAccess>[1] = {}) {
  const connection: Connection = await connect({ kubeconfigFile: lab.kubeconfig });
  const api = new KubernetesApi(connection);
  const requests: string[] = [];
  const create = api.create.bind(api);
  api.create = (path, body) => {
    requests.push(path.split("/").at(-1) ?? "");
    return create(path, body);
  };
  let nowMs = 0;
  const access = new KubernetesAccess(api, { nowMs: () => nowMs, ...options });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { access, requests, pass, close: () => connection.agent.destroy() };
}

test("answers are kept for half a minute, refusals for seconds, and one question is asked once", async () => {
  const { access, requests, pass, close } = await counted();
  const ask = async (bearerToken = tokens.reader ?? "") => {
    const identity = await access.authenticate({ bearerToken });
    return identity && access.authorize(identity, "read");
  };
  expect(await Promise.all(Array.from({ length: 20 }, () => ask()))).toEqual(Array(20).fill(true));
  expect(requests).toEqual(["tokenreviews", "subjectaccessreviews"]);
  pass(29_000);
  await ask();
  expect(requests).toHaveLength(2);
  pass(2_000);
  await ask();
  expect(requests).toHaveLength(4);
  // However many are made up, the good one stays.
  await Promise.all(Array.from({ length: 150 }, (_, index) => ask(`made-up-${index}`)));
  await ask();
  expect(requests).toHaveLength(4 + 150);
  close();
});

test("with an audience only tokens that were made for it count", async () => {
  const { access, close } = await counted({ audience: "apportion" });
  const made = await tokenOf("reader", ["apportion"]);
  expect(await access.authenticate({ bearerToken: made })).toMatchObject({
    name: "system:serviceaccount:default:reader",
  });
  expect(await access.authenticate({ bearerToken: tokens.reader })).toBeUndefined();
  close();
});

test("a cluster that does not let the service ask: nobody may", async () => {
  const config = parse(readFileSync(lab.kubeconfig, "utf8"));
  config.users[0].user = { token: tokens.nobody };
  const file = join(lab.dir, "nobody.kubeconfig");
  writeFileSync(file, stringify(config), { mode: 0o600 });
  const connection = await connect({ kubeconfigFile: file });
  const access = new KubernetesAccess(new KubernetesApi(connection));
  await expect(access.authenticate({ bearerToken: tokens.reader })).rejects.toMatchObject({ kind: "forbidden" });
  connection.agent.destroy();
});
