import { expect, test } from "vitest";
import { readiness } from "../../src/app/live/readiness.ts";

const at = { leader: false, nowMs: 1_000_000, intervalMs: 15_000 };

test("a leader is ready, a replica that stands by while it has read the cluster recently", () => {
  expect(readiness({ ...at, leader: true }).ready).toBe(true);
  expect(readiness(at)).toEqual({ ready: false, why: "the cluster was not read yet" });
  expect(readiness({ ...at, readAtMs: 940_000 })).toEqual({
    ready: true,
    why: "stands by; the cluster was read 60 s ago",
  });
  expect(readiness({ ...at, readAtMs: 939_000 })).toEqual({
    ready: false,
    why: "the cluster was read 61 s ago, more than 60 s",
  });
  expect(readiness({ ...at, readAtMs: 939_000, intervalMs: 60_000 }).ready).toBe(true);
});
