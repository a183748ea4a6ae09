import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { goTool } from "./go-tool.ts";

/** A machine with nothing in its cache and no Go. */
function bareMachine(): NodeJS.ProcessEnv {
  const cache = mkdtempSync(join(tmpdir(), "apportion-tools-"));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  return { XDG_CACHE_HOME: cache, PATH: join(cache, "nothing") };
}

const quiet = (): void => undefined;

test("without Go it says what is missing, where it was looked for, and what helps", async () => {
  const environment = bareMachine();
  const asked = goTool("helm", "helm", quiet, environment);
  await expect(asked).rejects.toThrow(/there is no helm: it is not in .*apportion\/helm\/\w{16}.*Install Go/);
});

test("what is in the cache of the pinned version is taken, without Go", async () => {
  const environment = bareMachine();
  const message = await goTool("prometheus", "promtool", quiet, environment).catch((error: Error) => error.message);
  const dir = /not in (\S+),/.exec(String(message))?.[1] ?? "";
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "promtool"), "");
  expect(await goTool("prometheus", "promtool", quiet, environment)).toBe(join(dir, "promtool"));
  expect(readdirSync(dir)).toEqual(["promtool"]);
});
