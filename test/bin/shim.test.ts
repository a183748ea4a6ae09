import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "apportion-shim-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A repository that holds the shim and a program instead of the real one; returns the shim's path. */
function repository(name: string, program: string, options: { modules: boolean }): string {
  const dir = join(scratch, name);
  mkdirSync(join(dir, "src/bin"), { recursive: true });
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(dir, "src/bin/apportion.ts"), `${program}\n`);
  cpSync(join(root, "bin/apportion.mjs"), join(dir, "bin/apportion.mjs"));
  if (options.modules) symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
  return join(dir, "bin/apportion.mjs");
}

describe("bin/apportion.mjs", () => {
  it("hands on arguments, standard input and output, and the exit code", () => {
    const program = [
      'import { readFileSync } from "node:fs";',
      "const [, , ...args]: string[] = process.argv;",
      'console.log(JSON.stringify({ args, input: readFileSync(0, "utf8") }));',
      "process.exitCode = 3;",
    ].join("\n");
    const shim = repository("args", program, { modules: true });
    const result = spawnSync(process.execPath, [shim, "solve", "--gap", "0.1", "a b"], {
      input: "x",
      encoding: "utf8",
    });
    expect(JSON.parse(result.stdout)).toEqual({ args: ["solve", "--gap", "0.1", "a b"], input: "x" });
    expect(result.status).toBe(3);
  });

  it("runs the pinned Node", () => {
    const shim = repository("pinned", "console.log(process.execPath);", { modules: true });
    const result = spawnSync(process.execPath, [shim], { encoding: "utf8" });
    expect(result.stdout).toMatch(/node_modules\/node\/bin\/node\n$/);
  });

  it("runs the Node it was called with where nothing is installed and that one is new enough", () => {
    const shim = repository("bare", "console.log(process.execPath);", { modules: false });
    const result = spawnSync(process.execPath, [shim], { encoding: "utf8" });
    expect(result.stdout.trim()).toBe(process.execPath);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("forwards %s and waits for the answer", async (signal) => {
    const program = [
      `process.on("${signal}", () => process.exit(7));`,
      "setInterval(() => {}, 1000);",
      'console.log("up");',
    ].join("\n");
    const shim = repository(signal, program, { modules: true });
    const child = spawn(process.execPath, [shim], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([7, null]);
  });

  it("reports a program that a signal ended the way a shell does", () => {
    const shim = repository("killed", 'process.kill(process.pid, "SIGKILL");', { modules: true });
    expect(spawnSync(process.execPath, [shim]).status).toBe(128 + 9);
  });
});
