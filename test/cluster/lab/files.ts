import { join } from "node:path";

/** Where everything of one lab lies: all of it is below `dir`. */
export interface LabFiles {
  dir: string;
  /** For people and tests: a user who may do everything. */
  kubeconfig: string;
  kubeconfigOf(user: string): string;
  /** Who started it and what runs; see `state.ts`. */
  state: string;
  logOf(component: string): string;
  etcdData: string;
  authority: string;
  authorityKey: string;
  serverCertificate: string;
  serverKey: string;
  frontProxyCertificate: string;
  frontProxyKey: string;
  serviceAccountKey: string;
  serviceAccountPublicKey: string;
  tokens: string;
  schedulerConfig: string;
  kwokConfig: string;
}

export function labFiles(dir: string): LabFiles {
  const pki = (name: string) => join(dir, "pki", name);
  return {
    dir,
    kubeconfig: join(dir, "kubeconfig"),
    kubeconfigOf: (user) => join(dir, `${user}.kubeconfig`),
    state: join(dir, "state.json"),
    logOf: (component) => join(dir, "log", `${component}.log`),
    etcdData: join(dir, "etcd"),
    authority: pki("ca.crt"),
    authorityKey: pki("ca.key"),
    serverCertificate: pki("server.crt"),
    serverKey: pki("server.key"),
    frontProxyCertificate: pki("front-proxy.crt"),
    frontProxyKey: pki("front-proxy.key"),
    serviceAccountKey: pki("service-account.key"),
    serviceAccountPublicKey: pki("service-account.pub"),
    tokens: pki("tokens.csv"),
    schedulerConfig: join(dir, "scheduler.yaml"),
    kwokConfig: join(dir, "kwok.yaml"),
  };
}
