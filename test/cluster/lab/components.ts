import { join } from "node:path";
import { stringify } from "yaml";
import type { LabFiles } from "./files.ts";

/** In the order of their start: each needs those before it. */
export const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** What each component listens on, on 127.0.0.1. */
export interface LabPorts {
  etcd: number;
  etcdPeer: number;
  apiServer: number;
  controllerManager: number;
  scheduler: number;
  kwok: number;
}

/** Flags given after our own: the later one counts. */
export type ExtraArgs = Partial<Record<ComponentName, string[]>>;

/** Requests per second that controllers may send: in a lab nobody else waits for them. */
const CLIENT_QPS = 500;

function etcdArgs(files: LabFiles, ports: LabPorts): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    "--name=lab",
    `--data-dir=${files.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=lab=${peer}`,
    // The data is thrown away with the lab.
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServerArgs(files: LabFiles, ports: LabPorts): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.apiServer}`,
    "--advertise-address=127.0.0.1",
    // A loopback address may not be the endpoint of the `kubernetes` Service, which its reconciler would insist on.
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.96.0.0/16",
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--token-auth-file=${files.tokens}`,
    "--authorization-mode=Node,RBAC",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    // For API servers that others add (metrics adapters): how they know that a request came through this one.
    `--requestheader-client-ca-file=${files.authority}`,
    "--requestheader-allowed-names=front-proxy",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${files.frontProxyCertificate}`,
    `--proxy-client-key-file=${files.frontProxyKey}`,
    // Fairness between clients costs latency and would hide what a test provokes.
    "--enable-priority-and-fairness=false",
    "--profiling=false",
  ];
}

/** Files and flags by which a controller knows the API server and is known to it. */
function delegation(kubeconfig: string): string[] {
  return [`--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`];
}

function controllerManagerArgs(files: LabFiles, ports: LabPorts): string[] {
  const kubeconfig = files.kubeconfigOf("kube-controller-manager");
  return [
    `--kubeconfig=${kubeconfig}`,
    ...delegation(kubeconfig),
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.controllerManager}`,
    `--cert-dir=${join(files.dir, "kube-controller-manager")}`,
    "--leader-elect=false",
    "--use-service-account-credentials",
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.authority}`,
    "--controllers=*,-cloud-node-lifecycle-controller,-service-lb-controller",
    `--kube-api-qps=${CLIENT_QPS}`,
    `--kube-api-burst=${2 * CLIENT_QPS}`,
  ];
}

function schedulerArgs(files: LabFiles, ports: LabPorts): string[] {
  return [
    `--config=${files.schedulerConfig}`,
    ...delegation(files.kubeconfigOf("kube-scheduler")),
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.scheduler}`,
    `--cert-dir=${join(files.dir, "kube-scheduler")}`,
  ];
}

/** The scheduler takes its client's limits from a file only. */
export function schedulerConfig(files: LabFiles): string {
  return stringify({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    leaderElection: { leaderElect: false },
    clientConnection: {
      kubeconfig: files.kubeconfigOf("kube-scheduler"),
      qps: CLIENT_QPS,
      burst: 2 * CLIENT_QPS,
    },
  });
}

function kwokArgs(files: LabFiles, ports: LabPorts): string[] {
  return [
    `--kubeconfig=${files.kubeconfigOf("kwok")}`,
    `--config=${files.kwokConfig}`,
    "--manage-all-nodes=true",
    "--node-ip=127.0.0.1",
    `--node-port=${ports.kwok}`,
    `--server-address=127.0.0.1:${ports.kwok}`,
    // The default of 256 addresses is less than the pods of a large test.
    "--cidr=10.200.0.0/16",
    "--node-lease-duration-seconds=40",
    "--v=WARN",
  ];
}

const ARGS: Record<ComponentName, (files: LabFiles, ports: LabPorts) => string[]> = {
  etcd: etcdArgs,
  "kube-apiserver": apiServerArgs,
  "kube-controller-manager": controllerManagerArgs,
  "kube-scheduler": schedulerArgs,
  kwok: kwokArgs,
};

/** The flags to start a component with. */
export function componentArgs(name: ComponentName, files: LabFiles, ports: LabPorts, extra: ExtraArgs): string[] {
  return [...ARGS[name](files, ports), ...(extra[name] ?? [])];
}

/** Where a component says that it is ready. */
export function readinessUrl(name: ComponentName, ports: LabPorts): string {
  switch (name) {
    case "etcd":
      return `http://127.0.0.1:${ports.etcd}/health`;
    case "kube-apiserver":
      return `https://127.0.0.1:${ports.apiServer}/readyz`;
    case "kube-controller-manager":
      return `https://127.0.0.1:${ports.controllerManager}/healthz`;
    case "kube-scheduler":
      return `https://127.0.0.1:${ports.scheduler}/readyz`;
    case "kwok":
      return `http://127.0.0.1:${ports.kwok}/healthz`;
  }
}
