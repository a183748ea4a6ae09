import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { CHART, helm, renderedChart } from "../deploy/render.ts";
import { installCrds } from "./adapter-fixtures.ts";
import { apply } from "./apply.ts";
import type { KubeObject } from "./lab/api.ts";
import { type Lab, startLab } from "./lab/lab.ts";

/** What Helm makes of the chart, before a real API server: every field is one that it knows, every value one that it takes. */

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
  await installCrds(lab);
  await lab.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "apportion" } });
}, 900_000);
afterAll(() => lab?.stop());

/** Kinds of the Prometheus operator, which the lab does not have. */
const UNKNOWN = ["monitoring.coreos.com/v1"];

const SIGNALS = [
  ...["signals.sources[0].name=usage", "signals.sources[0].type=kubernetes-metrics"],
  "signals.sources[0].url=https://kubernetes.default.svc",
];

const EVERYTHING = [
  ...["drainNodes=true", "alerts.enabled=true", "dashboard.enabled=true", "serviceMonitor.enabled=true"],
  ...["tls.secretName=cert", "auth.audience=apportion", "serviceAccount.name=planner", "priorityClassName=high"],
  ...["scaleTargets[0].apiGroup=example.dev", "scaleTargets[0].resource=servers"],
  ...["policy.mode=recommend", "policy.pools[0].name=h100", "policy.pools[0].resource=nvidia\\.com/gpu"],
  ...[...SIGNALS, "podAnnotations.team=ml", "networkPolicy.to[0].ipBlock.cidr=10.9.0.0/16"],
  ...["extraVolumes[0].name=prometheus", "extraVolumes[0].secret.secretName=prometheus"],
  ...["extraVolumeMounts[0].name=prometheus", "extraVolumeMounts[0].mountPath=/etc/prometheus"],
  ...["nodeSelector.disk=ssd", "tolerations[0].key=gpu", "tolerations[0].operator=Exists", "podLabels.team=ml"],
  ...["extraArgs[0]=--interval=5s", "extraEnv[0].name=TZ", "extraEnv[0].value=UTC", "imagePullSecrets[0].name=pull"],
];

async function objects(...values: string[]): Promise<KubeObject[]> {
  const text = await renderedChart(...values);
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

test.each([
  ["its default values", []],
  ["everything that it has", EVERYTHING],
])("the API server takes the chart with %s", async (_name, values) => {
  const known = (await objects(...values)).filter(({ apiVersion }) => !UNKNOWN.includes(apiVersion));
  expect(known.length).toBeGreaterThan(8);
  const refused: string[] = [];
  for (const object of known) {
    await apply(lab, object, true).catch((error: Error) =>
      refused.push(`${object.kind} ${object.metadata.name}: ${error.message}`),
    );
  }
  expect(refused).toEqual([]);
});

test("a field that there is not would be refused", async () => {
  const [first] = (await objects()).filter(({ kind }) => kind === "Deployment");
  const misspelt = { ...first, spec: { ...(first as KubeObject & { spec: object }).spec, replica: 1 } } as KubeObject;
  await expect(apply(lab, misspelt, true)).rejects.toThrow(/replica/);
});

test("Helm installs it, changes it and takes it away again", async () => {
  const release = (...args: string[]) => helm(...args, "--namespace", "apportion", "--kubeconfig", lab.kubeconfig);
  const args = async (): Promise<string[]> => {
    const { spec } = await lab.api.get("/apis/apps/v1/namespaces/apportion/deployments/apportion");
    return spec.template.spec.containers[0].args;
  };
  expect(await release("install", "apportion", CHART)).toContain("STATUS: deployed");
  expect(await args()).not.toContain("--signals=/etc/apportion/signals/signals.yaml");
  await release("upgrade", "apportion", CHART, ...SIGNALS.flatMap((value) => ["--set", value]));
  expect(await args()).toContain("--signals=/etc/apportion/signals/signals.yaml");
  expect(await lab.api.get("/api/v1/namespaces/apportion/configmaps/apportion-signals")).toMatchObject({
    data: { "signals.yaml": expect.stringContaining("kubernetes-metrics") },
  });
  await release("uninstall", "apportion");
  await expect(args()).rejects.toThrow(/not found/);
});
