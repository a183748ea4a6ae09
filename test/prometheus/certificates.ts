import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface KeyPair {
  certFile: string;
  keyFile: string;
}

/** An authority, a server for 127.0.0.1 and a client, good for a day, in a directory of their own. */
export interface Certificates {
  directory: string;
  authority: KeyPair;
  server: KeyPair;
  client: KeyPair;
  remove(): void;
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];

export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "apportion-signals-tls-"));
  const pair = (name: string): KeyPair => ({
    certFile: join(directory, `${name}.crt`),
    keyFile: join(directory, `${name}.key`),
  });
  const make = ({ certFile, keyFile }: KeyPair, more: string[]) =>
    execFileSync("openssl", ["req", "-x509", ...EC_KEY, "-out", certFile, "-keyout", keyFile, ...more], {
      stdio: "pipe",
    });
  const authority = pair("authority");
  make(authority, ["-subj", "/CN=test-authority"]);
  const signed = (name: string, extensions: string[]): KeyPair => {
    const made = pair(name);
    make(made, [
      ...["-CA", authority.certFile, "-CAkey", authority.keyFile, "-subj", `/CN=${name}`],
      ...["basicConstraints=critical,CA:FALSE", ...extensions].flatMap((extension) => ["-addext", extension]),
    ]);
    return made;
  };
  return {
    directory,
    authority,
    server: signed("server", ["subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth"]),
    client: signed("client", ["extendedKeyUsage=clientAuth"]),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
