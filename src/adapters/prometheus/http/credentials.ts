import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ConnectionConfig } from "../config/schema.ts";

/** Credentials of now. */
export interface Credentials {
  headers: Record<string, string>;
  tls: { ca?: string; cert?: string; key?: string; servername?: string; rejectUnauthorized: boolean };
  /** Changes where the TLS files did: connections are then made anew. */
  tlsFingerprint: string;
  /** Texts that no message may repeat. */
  secrets: string[];
}

/** Tokens and certificates rotate under their names, so they are read again each time; small files. */
export async function readCredentials(config: ConnectionConfig): Promise<Credentials> {
  const headers: Record<string, string> = { ...config.headers };
  const secrets: string[] = [];
  for (const [header, file] of Object.entries(config.headerFiles)) {
    headers[header] = await readSecret(file, secrets);
  }
  if (config.bearerTokenFile !== undefined) {
    headers.authorization = `Bearer ${await readSecret(config.bearerTokenFile, secrets)}`;
  }
  if (config.basicAuth !== undefined) {
    const { username, passwordFile } = config.basicAuth;
    const encoded = Buffer.from(`${username}:${await readSecret(passwordFile, secrets)}`).toString("base64");
    secrets.push(encoded);
    headers.authorization = `Basic ${encoded}`;
  }
  const { caFile, certFile, keyFile, serverName, insecureSkipVerify } = config.tls;
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(readOptional));
  const tlsFingerprint = createHash("sha256")
    .update(JSON.stringify([ca, cert, key]))
    .digest("hex");
  const tls = {
    rejectUnauthorized: !insecureSkipVerify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
  };
  return { headers, tls, tlsFingerprint, secrets };
}

const readOptional = async (file: string | undefined) => (file === undefined ? undefined : await read(file));

async function readSecret(file: string, secrets: string[]): Promise<string> {
  const secret = (await read(file)).trim();
  if (secret === "") throw new Error(`${file} is empty`);
  if (/[^\t\x20-\x7e]/.test(secret)) throw new Error(`${file} has characters that no header may have`);
  secrets.push(secret);
  return secret;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`);
  }
}

/** A message without the secrets that a server or a library may have put into it. */
export function redact(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "…"), message);
}
