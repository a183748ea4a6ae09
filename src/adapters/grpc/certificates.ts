import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { experimental, type ServerCredentials } from "@grpc/grpc-js";
import type { Log } from "../../ports/log.ts";

/** Files in PEM. */
export interface TlsFiles {
  certFile: string;
  keyFile: string;
  /** Authorities that sign certificates of clients. */
  clientCaFile?: string;
}

type CaListener = Parameters<experimental.CertificateProvider["addCaCertificateListener"]>[0];
type IdentityListener = Parameters<experimental.CertificateProvider["addIdentityCertificateListener"]>[0];

interface Contents {
  certificate: Buffer;
  privateKey: Buffer;
  clientCa?: Buffer;
}

/** Issuers renew certificates days before they end; a Secret reaches its mount within a minute or two. */
const REREAD_MS = 60_000;

/** Certificate, key and authorities as they stand in their files: read again while the service runs. */
export class CertificateFiles implements experimental.CertificateProvider {
  readonly #files: TlsFiles;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  #contents: Contents;

  /** @throws Error where a file cannot be read, or key and certificate do not belong together */
  constructor(files: TlsFiles, log: Log, rereadMs: number = REREAD_MS) {
    this.#files = files;
    this.#log = log;
    this.#contents = read(files);
    this.#timer = setInterval(() => this.#reread(), rereadMs);
    this.#timer.unref();
  }

  /** A client need not show a certificate: whether one without may call is decided for each call. */
  credentials(): ServerCredentials {
    const authorities = this.#files.clientCaFile === undefined ? null : this;
    // The first is the service's own: @grpc/grpc-js 1.14 names the two the other way round.
    return experimental.createCertificateProviderServerCredentials(this, authorities, false);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    // Not at once: who adds it is not ready to hear before it has returned.
    process.nextTick(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    process.nextTick(() => listener(this.#contents));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
  }

  #tellCa(listener: CaListener): void {
    const { clientCa } = this.#contents;
    listener(clientCa === undefined ? null : { caCertificate: clientCa });
  }

  #reread(): void {
    try {
      const contents = read(this.#files);
      if (same(contents, this.#contents)) return;
      this.#contents = contents;
    } catch (error) {
      // Files may be half written; the next look is soon.
      this.#log.warn({ error: error instanceof Error ? error.message : String(error) }, "certificate not read again");
      return;
    }
    for (const listener of this.#caListeners) this.#tellCa(listener);
    for (const listener of this.#identityListeners) listener(this.#contents);
    this.#log.info({}, "certificate replaced");
  }
}

function read({ certFile, keyFile, clientCaFile }: TlsFiles): Contents {
  const contents = {
    certificate: readFile("--tls-cert", certFile),
    privateKey: readFile("--tls-key", keyFile),
    ...(clientCaFile !== undefined && { clientCa: readFile("--tls-client-ca", clientCaFile) }),
  };
  try {
    createSecureContext({ cert: contents.certificate, key: contents.privateKey, ca: contents.clientCa });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `--tls-cert ${certFile} and --tls-key ${keyFile} make no certificate: ${why}; give PEM files that belong together`,
    );
  }
  return contents;
}

function readFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${flag} ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function same(a: Contents, b: Contents): boolean {
  return (["certificate", "privateKey", "clientCa"] as const).every(
    (part) => a[part] === b[part] || (a[part] !== undefined && b[part] !== undefined && a[part].equals(b[part])),
  );
}
