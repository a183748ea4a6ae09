import type { PublishedCase } from "./fixtures.ts";

/**
 * Figures of the table tests of Kubernetes' replica calculator (`pkg/controller/podautoscaler/replica_calculator_test.go`, Apache-2.0)
 * and of its documentation: what is measured, what is wanted, how many replicas come of it.
 */

const ones = (count: number) => Array.from({ length: count }, () => 1000);
const [RUN, FAIL, PEND] = ["Running", "Failed", "Pending"] as const;

export const DOCUMENTED: PublishedCase[] = [
  { name: "200m against 100m: twice as many", current: 1, expected: 2, pods: { levels: [200], target: 100 } },
  { name: "50m against 100m: half as many", current: 2, expected: 1, pods: { levels: [50, 50], target: 100 } },
  {
    name: "50 replicas at 90 %, target 75 %",
    current: 50,
    expected: 60,
    cpu: { levels: Array.from({ length: 50 }, () => 900), requests: ones(50), target: 75 },
  },
];

export const SCALE_UP: PublishedCase[] = [
  { name: "up", current: 3, expected: 5, cpu: { levels: [300, 500, 700], requests: ones(3), target: 30 } },
  {
    name: "up, one unready: less",
    current: 3,
    expected: 4,
    ready: [false, true, true],
    cpu: { levels: [300, 500, 700], requests: ones(3), target: 30 },
  },
  {
    name: "up, one still hot: less",
    current: 3,
    expected: 4,
    hot: [true, false, false],
    cpu: { levels: [300, 500, 700], requests: ones(3), target: 30 },
  },
  {
    name: "up, two unready: no change",
    current: 3,
    expected: 3,
    ready: [true, false, false],
    cpu: { levels: [400, 500, 700], requests: ones(3), target: 30 },
  },
  {
    name: "two hot and unready: no change",
    current: 3,
    expected: 3,
    ready: [true, false, false],
    hot: [false, true, true],
    cpu: { levels: [400, 500, 700], requests: ones(3), target: 30 },
  },
  {
    name: "up, failed pods do not count",
    current: 2,
    expected: 4,
    ready: [true, true, false, false],
    phase: [RUN, RUN, FAIL, FAIL],
    cpu: { levels: [500, 700], requests: ones(4), target: 30 },
  },
  {
    name: "up, pods that are being deleted do not count",
    current: 2,
    expected: 4,
    ready: [true, true, false, false],
    terminating: [false, false, true, true],
    cpu: { levels: [500, 700], requests: ones(4), target: 30 },
  },
  { name: "up, metric of pods", current: 3, expected: 4, pods: { levels: [20000, 10000, 30000], target: 15000 } },
  {
    name: "metric of pods: readiness and age do not matter",
    current: 3,
    expected: 6,
    ready: [true, true, false],
    hot: [false, false, true],
    pods: { levels: [50000, 10000, 30000], target: 15000 },
  },
  {
    name: "metric of pods: nor where they would turn the direction",
    current: 3,
    expected: 7,
    ready: [false, true, false],
    hot: [true, false, true],
    pods: { levels: [50000, 15000, 30000], target: 15000 },
  },
  { name: "up, value of an object", current: 3, expected: 4, value: { level: 20000, target: 15000 } },
  {
    name: "value of an object: only what is ready is multiplied",
    current: 3,
    expected: 5,
    ready: [false, true, false],
    value: { level: 50000, target: 10000 },
  },
  {
    name: "external value: only what is ready is multiplied, even downwards",
    current: 3,
    expected: 2,
    ready: [false, true, false],
    value: { level: 8600, target: 4400 },
  },
  { name: "up, average value of an object", current: 3, expected: 4, averageValue: { level: 20000, target: 5000 } },
  { name: "up, external average value", current: 3, expected: 4, averageValue: { level: 8600, target: 2150 } },
  { name: "a pod with the metric of an external one", current: 1, expected: 2, pods: { levels: [8600], target: 4400 } },
];

export const SCALE_DOWN: PublishedCase[] = [
  { name: "down", current: 5, expected: 3, cpu: { levels: [100, 300, 500, 250, 250], requests: ones(5), target: 50 } },
  {
    name: "down, metric of pods",
    current: 5,
    expected: 3,
    pods: { levels: [12000, 12000, 12000, 12000, 12000], target: 20000 },
  },
  { name: "down, average value of an object", current: 5, expected: 3, averageValue: { level: 6000, target: 2000 } },
  { name: "down, value of an object", current: 5, expected: 3, value: { level: 12000, target: 20000 } },
  { name: "down, external value", current: 5, expected: 3, value: { level: 8600, target: 14334 } },
  { name: "down, external average value", current: 5, expected: 3, averageValue: { level: 8600, target: 2867 } },
  {
    name: "down, unready pods left out",
    current: 5,
    expected: 2,
    ready: [true, true, true, false, false],
    cpu: { levels: [100, 300, 500, 250, 250], requests: ones(5), target: 50 },
  },
  {
    name: "down, unscheduled pods left out",
    current: 5,
    expected: 1,
    ready: [true, false, false, false, false],
    phase: [RUN, PEND, PEND, PEND, PEND],
    cpu: { levels: [100], requests: ones(5), target: 50 },
  },
  {
    name: "down, hot pods left out",
    current: 5,
    expected: 2,
    hot: [false, false, false, true, true],
    cpu: { levels: [100, 300, 500, 250, 250], requests: ones(5), target: 50 },
  },
  {
    name: "down, failed pods do not count",
    current: 5,
    expected: 3,
    phase: [RUN, RUN, RUN, RUN, RUN, FAIL, FAIL],
    cpu: { levels: [100, 300, 500, 250, 250], requests: ones(7), target: 50 },
  },
  {
    name: "down, pods that are being deleted do not count",
    current: 5,
    expected: 3,
    terminating: [false, false, false, false, false, true, true],
    cpu: { levels: [100, 300, 500, 250, 250], requests: ones(7), target: 50 },
  },
];

const UNEVEN = [900, 1000, 1100];

export const TOLERANCE: PublishedCase[] = [
  { name: "within 10 %", current: 3, expected: 3, cpu: { levels: [1010, 1030, 1020], requests: UNEVEN, target: 100 } },
  { name: "metric of pods within", current: 3, expected: 3, pods: { levels: [20000, 21000, 21000], target: 20000 } },
  { name: "value within", current: 3, expected: 3, value: { level: 20666, target: 20000 } },
  { name: "average value within", current: 4, expected: 4, averageValue: { level: 20166, target: 5000 } },
  { name: "external value within", current: 3, expected: 3, value: { level: 8600, target: 8888 } },
  { name: "external average value within", current: 3, expected: 3, averageValue: { level: 8600, target: 2900 } },
  {
    name: "outside of 0 %",
    current: 3,
    expected: 4,
    up: 0,
    down: 0,
    cpu: { levels: [909, 1010, 1111], requests: UNEVEN, target: 100 },
  },
  {
    name: "within 200 % up",
    current: 3,
    expected: 3,
    up: 2,
    cpu: { levels: [1890, 1910, 1900], requests: UNEVEN, target: 100 },
  },
  {
    name: "outside of 8 % up, whatever down is",
    current: 3,
    expected: 4,
    up: 0.08,
    down: 2,
    cpu: { levels: [1100, 1080, 1090], requests: UNEVEN, target: 100 },
  },
  {
    name: "within 36 % down",
    current: 3,
    expected: 3,
    down: 0.36,
    cpu: { levels: [660, 640, 650], requests: UNEVEN, target: 100 },
  },
  {
    name: "outside of 34 % down",
    current: 3,
    expected: 2,
    down: 0.34,
    cpu: { levels: [660, 640, 650], requests: UNEVEN, target: 100 },
  },
  {
    name: "pods outside of 1 % up",
    current: 3,
    expected: 4,
    up: 0.01,
    pods: { levels: [20000, 21000, 21000], target: 20000 },
  },
  { name: "value outside of 1 % up", current: 3, expected: 4, up: 0.01, value: { level: 20666, target: 20000 } },
  { name: "average outside of 1 %", current: 4, expected: 5, up: 0.01, averageValue: { level: 20208, target: 5000 } },
  { name: "external outside of 1 % up", current: 3, expected: 4, up: 0.01, value: { level: 8900, target: 8800 } },
  { name: "external average, 1 %", current: 3, expected: 4, up: 0.01, averageValue: { level: 8600, target: 2800 } },
];

export const MISSING: PublishedCase[] = [
  {
    name: "metrics of pods that are not there do not count",
    current: 4,
    expected: 24,
    cpu: { levels: [4000, 9500, 3000, 7000, 3200, 2000], requests: ones(4), target: 100 },
  },
  {
    name: "down, two missing use all",
    current: 4,
    expected: 3,
    cpu: { levels: [400, 95], requests: ones(4), target: 100 },
  },
  { name: "on target, one missing", current: 2, expected: 2, cpu: { levels: [1000], requests: ones(2), target: 100 } },
  { name: "above, one missing", current: 2, expected: 2, cpu: { levels: [1900], requests: ones(2), target: 100 } },
  { name: "below, one missing", current: 2, expected: 2, cpu: { levels: [600], requests: ones(2), target: 100 } },
  {
    name: "metric of pods on target, two missing",
    current: 5,
    expected: 5,
    pods: { levels: [20000, 19000, 21000], target: 20000 },
  },
  {
    name: "one unready, one missing: no change",
    current: 3,
    expected: 3,
    ready: [false, true, true],
    cpu: { levels: [100, 450], requests: ones(3), target: 50 },
  },
  {
    name: "one hot, one missing: no change",
    current: 3,
    expected: 3,
    hot: [true, false, false],
    cpu: { levels: [100, 450], requests: ones(3), target: 50 },
  },
  {
    name: "one unready, one missing: up",
    current: 3,
    expected: 4,
    ready: [false, true, true],
    cpu: { levels: [100, 2000], requests: ones(3), target: 50 },
  },
  {
    name: "one hot and unready, one missing: up",
    current: 3,
    expected: 4,
    ready: [false, true, true],
    hot: [true, false, false],
    cpu: { levels: [100, 2000], requests: ones(3), target: 50 },
  },
  {
    name: "one unready, one missing: down",
    current: 4,
    expected: 3,
    ready: [false, true, true, true],
    cpu: { levels: [100, 100, 100], requests: ones(4), target: 50 },
  },
  {
    name: "a target above 100 %: a missing pod uses the target",
    current: 4,
    expected: 2,
    ready: [false, true, true, true],
    cpu: { levels: [200, 100, 100], requests: [1000, 1000, 2000, 2000], target: 300 },
  },
  {
    name: "a surge pod of a rolling update does not turn the direction",
    current: 2,
    expected: 2,
    phase: [RUN, RUN, RUN],
    cpu: { levels: [100, 100], requests: ones(3), target: 50 },
  },
  {
    name: "nor with a metric of pods",
    current: 2,
    expected: 2,
    phase: [RUN, RUN, RUN],
    pods: { levels: [10000, 10000], target: 17000 },
  },
];
