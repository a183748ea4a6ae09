import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { stringify } from "yaml";
import type { LabFiles } from "./files.ts";

const run = promisify(execFile);

/** Users by name with their groups. Bearer tokens, not client certificates: they pass through a proxy that ends TLS. */
const USERS: Record<string, string[]> = {
  admin: ["system:masters"],
  "kube-controller-manager": [],
  "kube-scheduler": [],
  kwok: ["system:masters"],
};

function userName(user: string): string {
  return user.startsWith("kube-") ? `system:${user}` : user;
}

async function openssl(args: string[]): Promise<void> {
  try {
    await run("openssl", args);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new Error(missing ? "openssl is not installed: the lab makes its certificates with it" : String(error));
  }
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];

/** Makes the authority, the API server's certificate and the one it shows to API servers behind it. */
async function writeCertificates(files: LabFiles): Promise<void> {
  const authority = ["-keyout", files.authorityKey, "-out", files.authority, "-subj", "/CN=lab-ca"];
  await openssl(["req", "-x509", ...EC_KEY, ...authority]);
  const signed = (name: string, key: string, certificate: string, extensions: string[]) =>
    openssl([
      ...["req", "-x509", ...EC_KEY, "-CA", files.authority, "-CAkey", files.authorityKey],
      ...["-keyout", key, "-out", certificate, "-subj", `/CN=${name}`, "-addext", "basicConstraints=critical,CA:FALSE"],
      ...extensions.flatMap((extension) => ["-addext", extension]),
    ]);
  const names = "IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc";
  await Promise.all([
    signed("kube-apiserver", files.serverKey, files.serverCertificate, [
      `subjectAltName=${names}`,
      "extendedKeyUsage=serverAuth",
    ]),
    signed("front-proxy", files.frontProxyKey, files.frontProxyCertificate, ["extendedKeyUsage=clientAuth"]),
  ]);
}

async function writeServiceAccountKey(files: LabFiles): Promise<void> {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  await writeFile(files.serviceAccountKey, pair.privateKey, { mode: 0o600 });
  await writeFile(files.serviceAccountPublicKey, pair.publicKey);
}

/** A kubeconfig of one user who shows a token. */
export function kubeconfigText(server: string, authority: string, user: string, token: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "lab",
        cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "lab", context: { cluster: "lab", user } }],
    "current-context": "lab",
  });
}

/** Writes certificates, keys, tokens and a kubeconfig for each user; answers the administrator's token. */
export async function writeCredentials(files: LabFiles, server: string): Promise<string> {
  await Promise.all([writeCertificates(files), writeServiceAccountKey(files)]);
  const authority = readFileSync(files.authority, "utf8");
  const tokens = Object.keys(USERS).map((user) => ({ user, token: randomBytes(24).toString("hex") }));
  const lines = tokens.map(({ user, token }) => {
    const groups = USERS[user]?.length ? `,"${USERS[user].join(",")}"` : "";
    return `${token},${userName(user)},${user}${groups}\n`;
  });
  await writeFile(files.tokens, lines.join(""), { mode: 0o600 });
  for (const { user, token } of tokens) {
    const path = user === "admin" ? files.kubeconfig : files.kubeconfigOf(user);
    await writeFile(path, kubeconfigText(server, authority, user, token), { mode: 0o600 });
  }
  return tokens.find(({ user }) => user === "admin")?.token ?? "";
}
