import { expect, test } from "vitest";
import { Installations } from "../../src/app/live/installations.ts";

const QUIET_MS = 60_000;
const other = (revision: number) => ({ leader: "b/pod", revision });

test("its own installation, or nobody, is no rival", () => {
  const own = new Installations("a", QUIET_MS);
  expect(own.signature("pod")).toBe("a/pod");
  expect(own.rival(undefined, 0)).toBeUndefined();
  expect(own.rival({ leader: "a/another-pod", revision: 7 }, 1)).toBeUndefined();
});

test("one that begins waits for another until that has been quiet", () => {
  const own = new Installations("a", QUIET_MS);
  expect(own.rival(other(1), 0)).toBe("b/pod");
  expect(own.rival(other(1), QUIET_MS - 1)).toBe("b/pod");
  expect(own.rival(other(2), QUIET_MS)).toBe("b/pod");
  expect(own.rival(other(2), 2 * QUIET_MS - 1)).toBe("b/pod");
  expect(own.rival(other(2), 2 * QUIET_MS)).toBeUndefined();
  expect(own.rival({ leader: "a/pod", revision: 3 }, 2 * QUIET_MS + 1)).toBeUndefined();
});

test("of two that act at once the first by name goes on", () => {
  const [a, c] = ["a", "c"].map((namespace) => new Installations(namespace, QUIET_MS));
  for (const installation of [a, c]) expect(installation?.rival(undefined, 0)).toBeUndefined();
  expect(a?.rival(other(1), 1)).toBeUndefined();
  expect(c?.rival(other(1), 1)).toBe("b/pod");
});
