import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ComponentName } from "./components.ts";
import type { Versions } from "./source.ts";

interface Release {
  url: string;
  /** Address of the SHA-256, alone or as lines `hash  file`; absent: TLS alone says that it is the published file. */
  sums?: string;
  /** Where the binary lies in the archive; absent: the file is the binary. */
  member?: string;
}

/** Officially published binaries, for Linux and macOS. */
export function release(name: ComponentName, { kubernetes, etcd, kwok }: Versions): Release {
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  if (name === "etcd") {
    const archive = process.platform === "darwin" ? "zip" : "tar.gz";
    const base = `https://github.com/etcd-io/etcd/releases/download/${etcd}`;
    const folder = `etcd-${etcd}-${platform}`;
    return { url: `${base}/${folder}.${archive}`, sums: `${base}/SHA256SUMS`, member: `${folder}/etcd` };
  }
  if (name === "kwok") {
    return { url: `https://github.com/kubernetes-sigs/kwok/releases/download/${kwok}/kwok-${platform}` };
  }
  const url = `https://dl.k8s.io/${kubernetes}/bin/${platform.replace("-", "/")}/${name}`;
  return { url, sums: `${url}.sha256` };
}

async function read(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function checkSum(content: Buffer, sums: string, url: string): void {
  const file = url.slice(url.lastIndexOf("/") + 1);
  const line = sums.split("\n").find((text) => text.trim().split(/\s+/).length === 1 || text.trim().endsWith(file));
  const expected = line?.trim().split(/\s+/)[0];
  const actual = createHash("sha256").update(content).digest("hex");
  if (expected !== actual) throw new Error(`${url} has SHA-256 ${actual}, published is ${expected ?? "nothing"}`);
}

/** Downloads a component to `path`, unless it is there; the file appears complete and checked or not at all. */
export async function downloadComponent({ url, sums, member }: Release, path: string): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const scratch = mkdtempSync(join(dirname(path), "download-"));
  try {
    const content = await read(url);
    if (sums !== undefined) checkSum(content, (await read(sums)).toString("utf8"), url);
    const file = join(scratch, "download");
    writeFileSync(file, content);
    // bsdtar, which macOS has as `tar`, reads zip as well.
    if (member !== undefined) await promisify(execFile)("tar", ["-xf", file, "-C", scratch, member]);
    const binary = join(scratch, "binary");
    copyFileSync(member === undefined ? file : join(scratch, member), binary);
    chmodSync(binary, 0o755);
    renameSync(binary, path);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
