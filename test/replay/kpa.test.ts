import { expect, test } from "vitest";
import { PodAutoscaler } from "../../src/app/replay/controllers/kpa.ts";

test("the published example: 100 requests at once, 10 in a replica of which 70 % are aimed at, are 15 replicas", () => {
  expect(new PodAutoscaler(0.7 * 10, 1).desired(10, { stable: 100, panic: 100 }, 60_000)).toBe(15);
});

test("in stable mode the stable window decides, and no more than half of what is ready goes at a time", () => {
  const scaler = new PodAutoscaler(10, 1);
  expect(scaler.desired(10, { stable: 55, panic: 90 }, 0)).toBe(6);
  expect(scaler.desired(10, { stable: 5, panic: 5 }, 2_000)).toBe(5);
  expect(scaler.desired(5, { stable: 0, panic: 0 }, 4_000)).toBe(2);
});

test("twice what is ready begins a panic: the panic window decides, nothing shrinks, until a stable window has passed", () => {
  const scaler = new PodAutoscaler(10, 1);
  // 40/10 = 4 is twice 2.
  expect(scaler.desired(2, { stable: 15, panic: 40 }, 10_000)).toBe(4);
  expect(scaler.desired(4, { stable: 20, panic: 70 }, 12_000)).toBe(7);
  expect(scaler.desired(7, { stable: 20, panic: 10 }, 60_000)).toBe(7);
  expect(scaler.desired(7, { stable: 20, panic: 10 }, 70_000)).toBe(7);
  // The last time that the threshold was passed is 10 s.
  expect(scaler.desired(7, { stable: 20, panic: 10 }, 70_001)).toBe(3);
});

test("just below twice there is no panic, and with several ready replicas it begins in one", () => {
  expect(new PodAutoscaler(10, 1).desired(4, { stable: 10, panic: 70 }, 0)).toBe(2);
  expect(new PodAutoscaler(10, 3).desired(3, { stable: 1, panic: 1 }, 2_000)).toBe(3);
});

test("it grows a thousandfold at most", () => {
  expect(new PodAutoscaler(1, 0).desired(0, { stable: 5_000, panic: 5_000 }, 0)).toBe(1_000);
});
