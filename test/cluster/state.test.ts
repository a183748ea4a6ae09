import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { destroyLab, destroyStaleLabs, ownedDirPrefix, runningPids, writeState } from "./lab/state.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(ownedDirPrefix());
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

/** A process that could be a component of the lab in `dir`, or of another one. */
function startProcess(argument: string) {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", argument], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { pid: child.pid!, ended: once(child, "exit") };
}

async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

test("a lab whose owner is gone is removed with its processes, others stay", async () => {
  const component = startProcess(`${dir}/etcd`);
  writeState(dir, { owner: process.pid, pids: { etcd: component.pid } });
  destroyStaleLabs();
  expect(runningPids(dir)).toEqual([component.pid]);
  writeState(dir, { owner: await endedPid(), pids: { etcd: component.pid } });
  destroyStaleLabs();
  expect(await component.ended).toEqual([null, "SIGKILL"]);
  expect(existsSync(dir)).toBe(false);
});

test("a process id that now belongs to somebody else is left alone", async () => {
  const stranger = startProcess("/somewhere/else");
  writeState(dir, { pids: { etcd: stranger.pid } });
  expect(runningPids(dir)).toEqual([]);
  destroyLab(dir);
  expect(existsSync(dir)).toBe(false);
  expect(process.kill(stranger.pid, 0)).toBe(true);
});
