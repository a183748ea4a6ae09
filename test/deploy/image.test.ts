import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What is measured has to be what is shipped. */

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const flagsIn = (text: string | undefined): string[] => text?.match(/--[a-z-]+=\d+/g) ?? [];

test("the image, the command and the benchmark start the service of a cluster with the same flags of Node", () => {
  const image = flagsIn(/^ENTRYPOINT .*$/m.exec(read("deploy/Dockerfile"))?.[0]);
  expect(image.length).toBeGreaterThan(0);
  expect(flagsIn(/SERVICE_FLAGS = \[.*\]/.exec(read("bin/apportion.mjs"))?.[0])).toEqual(image);
  expect(flagsIn(/NODE_FLAGS = \[.*\]/.exec(read("bench/cluster.ts"))?.[0])).toEqual(image);
});
