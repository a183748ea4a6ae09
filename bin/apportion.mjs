#!/usr/bin/env node
/**
 * Starts the command line under the Node that this repository pins, whatever Node (18 or newer) was called.
 * Plain JavaScript, because an older Node cannot read TypeScript.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The first Node that strips types without a flag. */
const NEEDED = [22, 18];
/**
 * The service of a cluster runs for long with little live data: collected early, its heap stays at half of what it grows to
 * otherwise. As in the image (deploy/Dockerfile).
 */
const SERVICE_FLAGS = ["--max-semi-space-size=8", "--heap-growing-percent=50"];
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"];

function pinnedNode() {
  try {
    const manifestPath = createRequire(import.meta.url).resolve("node/package.json");
    const manifest = createRequire(manifestPath)(manifestPath);
    const relative = typeof manifest.bin === "string" ? manifest.bin : manifest.bin.node;
    const path = join(dirname(manifestPath), relative);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function ownNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const fits = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  return fits ? process.execPath : undefined;
}

const node = pinnedNode() ?? ownNode();
if (node === undefined) {
  process.stderr.write(
    `apportion: needs Node ${NEEDED.join(".")} or newer, this is ${process.versions.node}; ` +
      "run `npm ci` in the repository, which brings the right one\n",
  );
  process.exit(2);
}

const main = fileURLToPath(new URL("../src/bin/apportion.ts", import.meta.url));
const flags = process.argv[2] === "serve" && process.argv.includes("--kubernetes") ? SERVICE_FLAGS : [];
const child = spawn(node, [...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });

for (const signal of FORWARDED) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the child as well; twice would read as "stop at once".
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
}
child.on("error", (error) => {
  process.stderr.write(`apportion: cannot start ${node}: ${error.message}; run \`npm ci\` in the repository\n`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});
