import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { prometheusBinary } from "./prometheus-server.ts";

test("where there is no Prometheus and no Go, the error says what is missing and what helps", async () => {
  const directory = mkdtempSync(join(tmpdir(), "apportion-no-prometheus-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const environment = { PATH: directory, XDG_CACHE_HOME: directory };
  await expect(prometheusBinary(environment)).rejects.toThrow(/there is no prometheus: .*Install Go/);
  const given = { ...environment, APPORTION_PROMETHEUS: join(directory, "none") };
  await expect(prometheusBinary(given)).rejects.toThrow(/APPORTION_PROMETHEUS names .*none, which is not there/);
  expect(await prometheusBinary({ ...environment, APPORTION_PROMETHEUS: process.execPath })).toBe(process.execPath);
});

test.each([
  ["3.16.0", true],
  ["3.8.1", true],
  ["3.7.9", false],
  ["2.42.0+ds", false],
])("a Prometheus %s in the PATH is taken: %s", async (version, taken) => {
  const directory = mkdtempSync(join(tmpdir(), "apportion-some-prometheus-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "prometheus");
  writeFileSync(path, `#!/bin/sh\necho "prometheus, version ${version} (branch: HEAD)"\n`);
  chmodSync(path, 0o755);
  const asked = prometheusBinary({ PATH: directory, XDG_CACHE_HOME: directory });
  if (taken) expect(await asked).toBe(path);
  else await expect(asked).rejects.toThrow(/Install Go/);
});
