import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, in files. */
export interface CertificatePair {
  certFile: string;
  keyFile: string;
  certificate: Buffer;
  key: Buffer;
}

export interface TestAuthority extends CertificatePair {
  /** Signs one. `subject` as `/CN=ada`; `names` as of `subjectAltName`. */
  sign(subject: string, names?: string): CertificatePair;
  remove(): void;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];

/** An authority of its own in a directory of its own, made by openssl. */
export function makeAuthority(): TestAuthority {
  const directory = mkdtempSync(join(tmpdir(), "apportion-authority-"));
  let made = 0;
  const make = (subject: string, extensions: string[], more: string[]): CertificatePair => {
    made += 1;
    const [certFile, keyFile] = [join(directory, `${made}.pem`), join(directory, `${made}.key`)];
    const added = extensions.flatMap((extension) => ["-addext", extension]);
    const args = [
      "req",
      "-x509",
      ...NEW_KEY,
      "-subj",
      subject,
      ...added,
      ...more,
      "-out",
      certFile,
      "-keyout",
      keyFile,
    ];
    execFileSync("openssl", args, { stdio: "pipe" });
    return { certFile, keyFile, certificate: readFileSync(certFile), key: readFileSync(keyFile) };
  };
  const own = make("/CN=authority", [], []);
  return {
    ...own,
    sign: (subject, names) => {
      const extensions = ["basicConstraints=critical,CA:FALSE"];
      if (names !== undefined) extensions.push(`subjectAltName=${names}`);
      return make(subject, extensions, ["-CA", own.certFile, "-CAkey", own.keyFile]);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
