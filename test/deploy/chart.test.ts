import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parseSignalConfig } from "../../src/adapters/prometheus/config/parse.ts";
import { CHART, DEFAULT_MANIFESTS, helm, renderedChart } from "./render.ts";

/** The chart through Helm itself. */

// The first run on a machine builds Helm.
const BUILD_MS = 900_000;

interface Manifest {
  kind: string;
  metadata: { name: string };
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  data?: Record<string, string>;
  spec?: { template?: { metadata: { annotations?: Record<string, string> }; spec: PodSpec }; egress?: object[] };
}

interface PodSpec {
  containers: { args: string[]; volumeMounts: { name: string; mountPath: string }[] }[];
  volumes: { name: string; configMap?: { name: string } }[];
}

const podOf = (manifests: Manifest[]) => manifests.find(({ kind }) => kind === "Deployment")?.spec?.template;
const argsOf = (manifests: Manifest[]) => podOf(manifests)?.spec.containers[0]?.args;

async function rendered(...values: string[]): Promise<Manifest[]> {
  return parseAllDocuments(await renderedChart(...values)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

const kinds = (manifests: Manifest[]) => new Set(manifests.map(({ kind }) => kind));

async function serviceRights(...values: string[]): Promise<string[]> {
  const role = (await rendered(...values)).find(
    ({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "apportion",
  );
  // As kubectl writes a resource of a group.
  const full = (resource: string, group: string) => (group === "" ? resource : `${resource}.${group}`);
  return (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${full(resource, group)}`)),
    ),
  );
}

describe("the chart", () => {
  test("has no fault that helm lint finds", { timeout: BUILD_MS }, async () => {
    expect(await helm("lint", "--strict", CHART)).toContain("0 chart(s) failed");
  });

  test("is what stands in deploy/manifests: node scripts/manifests.ts renders it anew", async () => {
    expect(readFileSync(DEFAULT_MANIFESTS, "utf8")).toBe(await renderedChart());
  });

  test("may change nodes and evict pods only where drainNodes says so", async () => {
    const wide = ["patch nodes", "create pods/eviction"];
    const [usual, drains] = [await serviceRights(), await serviceRights("drainNodes=true")];
    expect(usual).toContain("list nodes");
    expect(usual.filter((right) => wide.includes(right))).toEqual([]);
    expect(drains.filter((right) => !usual.includes(right)).sort()).toEqual(wide.sort());
  });

  test("leaves out what is off, and has what is on", async () => {
    const off = ["networkPolicy", "podDisruptionBudget", "authorPolicy"].map((name) => `${name}.enabled=false`);
    const on = ["alerts", "dashboard", "serviceMonitor"].map((name) => `${name}.enabled=true`);
    const least = kinds(await rendered(...off));
    for (const kind of ["NetworkPolicy", "PodDisruptionBudget", "ValidatingAdmissionPolicy", "ConfigMap"]) {
      expect(least, kind).not.toContain(kind);
    }
    const most = kinds(await rendered(...on, "policy.mode=recommend"));
    for (const kind of ["PrometheusRule", "ConfigMap", "ServiceMonitor", "PlacementPolicy", "NetworkPolicy"]) {
      expect(most, kind).toContain(kind);
    }
  });

  test("starts with TLS where a secret is given, and in plain text where none is", async () => {
    expect(argsOf(await rendered())).toContain("--insecure-listen");
    const tls = argsOf(await rendered("tls.secretName=cert"));
    expect(tls).not.toContain("--insecure-listen");
    expect(tls).toContain("--tls-cert=/etc/apportion/tls/tls.crt");
  });
});

const SIGNALS = [
  ...["signals.systems={vllm,kubernetes}", "signals.windowSeconds=60"],
  ...["signals.sources[0].name=main", "signals.sources[0].type=prometheus"],
  ...["signals.sources[0].url=http://prometheus.monitoring:9090", "signals.sources[0].maxAnswerBytes=67108864"],
];
const METRICS_API = [
  ...["signals.sources[1].name=usage", "signals.sources[1].type=kubernetes-metrics"],
  "signals.sources[1].url=https://kubernetes.default.svc",
];

describe("signals", () => {
  test("are not collected unless it is said from where", async () => {
    const manifests = await rendered();
    expect(argsOf(manifests)?.filter((arg) => arg.startsWith("--signals"))).toEqual([]);
    expect(kinds(manifests)).not.toContain("ConfigMap");
    expect(podOf(manifests)?.metadata.annotations).toBeUndefined();
  });

  test("are collected by a configuration that the service reads, at the path that it is told", async () => {
    const manifests = await rendered(...SIGNALS);
    const [map] = manifests.filter(({ kind }) => kind === "ConfigMap");
    const read = parseSignalConfig(parse(map?.data?.["signals.yaml"] ?? ""));
    if (!read.ok) throw new Error(JSON.stringify(read.violations));
    expect(read.value).toMatchObject({
      systems: ["vllm", "kubernetes"],
      windowSeconds: 60,
      sources: [{ url: "http://prometheus.monitoring:9090", maxAnswerBytes: 67_108_864 }],
    });
    const { volumes, containers } = podOf(manifests)!.spec;
    const [volume] = volumes.filter(({ configMap }) => configMap?.name === map?.metadata.name);
    const [mount] = containers[0]!.volumeMounts.filter(({ name }) => name === volume?.name);
    expect(argsOf(manifests)).toContain(`--signals=${mount?.mountPath}/signals.yaml`);
  });

  test("of another configuration need another pod", async () => {
    const checksum = async (...more: string[]) =>
      podOf(await rendered(...SIGNALS, ...more))?.metadata.annotations?.["checksum/signals"];
    expect(await checksum()).toMatch(/^[0-9a-f]{64}$/);
    expect(await checksum("podAnnotations.team=ml")).toBe(await checksum());
    expect(await checksum("signals.windowSeconds=61")).not.toBe(await checksum());
  });

  test("bring the right to read the metrics API only with a source of that type", async () => {
    const [usual, prometheus] = [await serviceRights(), await serviceRights(...SIGNALS)];
    const metrics = await serviceRights(...SIGNALS, ...METRICS_API);
    expect(prometheus).toEqual(usual);
    expect(metrics.filter((right) => !usual.includes(right)).sort()).toEqual([
      "get pods.metrics.k8s.io",
      "list pods.metrics.k8s.io",
    ]);
  });

  test("are let through by the network policy, from whom they are read and nobody else", async () => {
    const egress = async (...values: string[]) =>
      (await rendered(...values)).find(({ kind }) => kind === "NetworkPolicy")?.spec?.egress ?? [];
    const usual = await egress();
    expect(await egress(...SIGNALS)).toEqual([...usual, { to: [{ namespaceSelector: {} }] }]);
    const outside = await egress(...SIGNALS, "networkPolicy.to[0].ipBlock.cidr=10.9.0.0/16");
    expect(outside).toEqual([...usual, { to: [{ ipBlock: { cidr: "10.9.0.0/16" } }] }]);
  });
});
