import { describe, expect, it } from "vitest";
import { parseProblem } from "../../src/index.ts";
import { brokenInput, type Input } from "./inputs.ts";

type Case = [title: string, breakIt: (input: Input) => void, path: string, fix: RegExp];

/** Exactly one violation, at that path, with that fix. */
function expectOne(breakIt: (input: Input) => void, path: string, fix: RegExp): void {
  const result = parseProblem(brokenInput(breakIt));
  expect(result).toMatchObject({ ok: false, violations: [{ path, fix: expect.stringMatching(fix) }] });
  expect(result).toHaveProperty("violations.length", 1);
}

const set = (field: string, value: unknown, at: (input: Input) => Input) => (input: Input) => {
  at(input)[field] = value;
};
const root = (input: Input): Input => input;
const row = (input: Input): Input => input.pools[0].nodes[0];
const bag = (input: Input): Input => input.pools[1];
const quota = (input: Input): Input => input.quotas[0];
const workload = (input: Input): Input => input.workloads[0];
const variant = (input: Input): Input => input.workloads[0].variants[0];
const V = "workloads[0].variants[0]";

describe("a field that is missing", () => {
  it.each<Case>([
    ["apiVersion", (i) => delete i.apiVersion, "apiVersion", /^write apiVersion: apportion.dev\/v1$/],
    ["kind", (i) => delete i.kind, "kind", /^write kind: PlacementProblem$/],
    ["pools", (i) => delete i.pools, "pools", /list the pools/],
    ["workloads", (i) => delete i.workloads, "workloads", /list the workloads/],
    ["pool name", (i) => delete bag(i).name, "pools[1].name", /give a name/],
    ["freeDevices", (i) => delete row(i).freeDevices, "pools[0].nodes[0].freeDevices", /free devices/],
    ["tenant of a quota", (i) => delete quota(i).tenant, "quotas[0].tenant", /name the tenant/],
    ["rule of a class", (i) => delete i.classes[0].rule, "classes[0].rule", /max-min/],
    ["demand", (i) => delete workload(i).demandPerSecond, "workloads[0].demandPerSecond", /offered requests/],
    ["variants", (i) => delete workload(i).variants, "workloads[0].variants", /ways to serve/],
    ["pool of a variant", (i) => delete variant(i).pool, `${V}.pool`, /name a pool/],
    [
      "devicesPerReplica",
      (i) => delete variant(i).devicesPerReplica,
      `${V}.devicesPerReplica`,
      /devices of one replica/,
    ],
    ["capacityPerSecond", (i) => delete variant(i).capacityPerSecond, `${V}.capacityPerSecond`, /requests per second/],
  ])("%s", (_, breakIt, path, fix) => {
    // Nothing else refers to what some of these cases remove.
    expectOne(
      (input) => {
        for (const node of input.pools[0].nodes) delete node.holds;
        breakIt(input);
      },
      path,
      fix,
    );
  });
});

describe("a value of the wrong kind or out of range", () => {
  it.each<Case>([
    ["apiVersion", set("apiVersion", "v1", root), "apiVersion", /apportion.dev\/v1/],
    ["kind", set("kind", "PlacementProblm", root), "kind", /PlacementProblem/],
    ["objective", set("objective", "penality", root), "objective", /did you mean "penalty"/],
    ["role", set("role", "Both", variant), `${V}.role`, /did you mean "both"/],
    ["rule", set("rule", "leximin", (i) => i.classes[0]), "classes[0].rule", /max-min, proportional, total/],
    ["a number in quotes", set("devices", "104", bag), "pools[1].devices", /number of devices/],
    ["a fraction of a device", set("devices", 1.5, bag), "pools[1].devices", /number of devices/],
    ["too many devices", set("devices", 1e7 + 1, bag), "pools[1].devices", /number of devices/],
    ["negative free devices", set("freeDevices", -1, (i) => i.pools[0].nodes[1]), "pools[0].nodes[1].freeDevices", /./],
    ["NaN", set("demandPerSecond", Number.NaN, workload), "workloads[0].demandPerSecond", /offered/],
    [
      "infinite demand",
      set("demandPerSecond", Number.POSITIVE_INFINITY, workload),
      "workloads[0].demandPerSecond",
      /./,
    ],
    ["absurd demand", set("demandPerSecond", 1e308, workload), "workloads[0].demandPerSecond", /./],
    ["negative demand", set("demandPerSecond", -1, workload), "workloads[0].demandPerSecond", /./],
    ["demand next to nothing", set("demandPerSecond", 5e-324, workload), "workloads[0].demandPerSecond", /0 for none/],
    ["weight 0", set("weight", 0, workload), "workloads[0].weight", /1 is usual/],
    ["negative weight", set("weight", -1, workload), "workloads[0].weight", /1 is usual/],
    ["weight too large", set("weight", 1e6 + 1, workload), "workloads[0].weight", /1 is usual/],
    ["fraction of a priority", set("priority", 0.5, workload), "workloads[0].priority", /whole number/],
    ["priority too large", set("priority", 1e6 + 1, workload), "workloads[0].priority", /whole number/],
    ["negative shedPenalty", set("shedPenalty", -1, workload), "workloads[0].shedPenalty", /serving none/],
    ["capacity 0", set("capacityPerSecond", 0, variant), `${V}.capacityPerSecond`, /leave out/],
    ["infinite capacity", set("capacityPerSecond", Number.POSITIVE_INFINITY, variant), `${V}.capacityPerSecond`, /./],
    ["negative cost", set("costPerHour", -6.4, variant), `${V}.costPerHour`, /cost per hour/],
    ["infinite start cost", set("startCost", Number.POSITIVE_INFINITY, variant), `${V}.startCost`, /starting/],
    ["no devices", set("devicesPerReplica", 0, variant), `${V}.devicesPerReplica`, /./],
    ["no nodes", set("nodesPerReplica", 0, variant), `${V}.nodesPerReplica`, /1 unless it is a group/],
    ["half a replica", set("minReplicas", 0.5, variant), `${V}.minReplicas`, /least number/],
    ["too many replicas", set("maxReplicas", 1e6 + 1, variant), `${V}.maxReplicas`, /greatest number/],
    ["null for absent", set("maxReplicas", null, variant), `${V}.maxReplicas`, /leave it out/],
    ["movable in words", set("movable", "yes", variant), `${V}.movable`, /true or false/],
    ["a map for a list", set("pools", {}, root), "pools", /list the pools/],
    ["a list for a map", set("holds", [], row), "pools[0].nodes[0].holds", /variant: replicas/],
    ["null for a variant", (i) => i.workloads[1].variants.push(null), "workloads[1].variants[2]", /write a variant/],
    ["no pools", (i) => Object.assign(i, { pools: [], workloads: [] }), "pools", /list the pools/],
  ])("%s", (title, breakIt, path, fix) => {
    if (title === "no pools") {
      const result = parseProblem(brokenInput(breakIt));
      expect(result).toMatchObject({
        ok: false,
        violations: [{ path, fix: expect.stringMatching(fix) }, { path: "workloads" }],
      });
      return;
    }
    expectOne(breakIt, path, fix);
  });

  it("no variants", () => {
    expectOne(
      (input) => {
        for (const node of input.pools[0].nodes) delete node.holds;
        workload(input).variants = [];
      },
      "workloads[0].variants",
      /ways to serve/,
    );
  });

  it.each([
    ["empty", ""],
    ["too long", "n".repeat(254)],
    ["with a control character", "a\u001b[31m"],
    ["that is no Unicode text", "a\ud800"],
    ["that every object carries", "constructor"],
    ["of objects' own", "__proto__"],
    ["not a text", 7],
  ])("a name: %s", (_, name) => {
    expectOne(
      set("name", name, (i) => i.workloads[1]),
      "workloads[1].name",
      /give a name/,
    );
  });

  it("taints and tolerations", () => {
    const effects = (value: unknown) => (input: Input) => {
      input.pools[0].nodes[1].taints = [value];
    };
    const taint = "pools[0].nodes[1].taints[0]";
    expectOne(effects("gpu=h100"), taint, /key=value:Effect/);
    expectOne(effects("gpu=h100:NoScheduling"), taint, /key=value:Effect/);
    expectOne(effects({ key: "gpu", effect: "NoShedule" }), `${taint}.effect`, /did you mean "NoSchedule"/);
    expectOne(effects({ effect: "NoSchedule" }), `${taint}.key`, /taint's key/);
    const toleration = (value: unknown) => set("tolerations", [value], variant);
    expectOne(toleration({}), `${V}.tolerations[0].key`, /operator: Exists/);
    expectOne(toleration({ key: "a", operator: "Exists", value: "b" }), `${V}.tolerations[0].value`, /remove it/);
    expectOne(toleration({ key: "a", operator: "In" }), `${V}.tolerations[0].operator`, /Equal, Exists/);
  });
});

describe("an unknown field", () => {
  it.each<Case>([
    ["of the problem", set("workload", [], root), "workload", /did you mean "workloads"/],
    ["of a pool", set("node", [], bag), "pools[1].node", /did you mean "nodes"/],
    ["of a row", set("freedevices", 1, row), "pools[0].nodes[0].freedevices", /did you mean "freeDevices"/],
    ["of a quota", set("maxDevice", 1, quota), "quotas[0].maxDevice", /did you mean "maxDevices"/],
    ["that stops early", set("demand", 1, workload), "workloads[0].demand", /did you mean "demandPerSecond"/],
    ["of a variant", set("costPerHours", 1, variant), `${V}.costPerHours`, /did you mean "costPerHour"/],
    ["like nothing", set("zebra", 1, variant), `${V}.zebra`, /^remove it$/],
    ["that breaks lines", set("a\n\u001b[2J", 1, variant), `${V}["a\\n\\u001b[2J"]`, /^remove it$/],
  ])("%s", (_, breakIt, path, fix) => expectOne(breakIt, path, fix));

  it("called __proto__", () => {
    const input = brokenInput((broken) => {
      broken.pools[1] = JSON.parse('{ "name": "l40s", "devices": 104, "__proto__": { "nodes": [] } }');
      broken.pools[0].nodes[0].holds = JSON.parse('{ "__proto__": 1 }');
    });
    const result = parseProblem(input);
    const paths = result.ok ? [] : result.violations.map((violation) => violation.path);
    expect(paths).toEqual(["pools[0].nodes[0].holds", "pools[1].__proto__"]);
  });

  it("says what is known", () => {
    const result = parseProblem(brokenInput(set("zebra", 1, (i) => i.cohorts[0])));
    expect(result).toMatchObject({ violations: [{ rule: "unknown field; known are name, parent, pool, maxDevices" }] });
  });
});

describe("a violation's value", () => {
  it.each([
    [undefined, "absent"],
    ["chat", '"chat"'],
    [Number.NaN, "NaN"],
    [[1, 2], "a list of 2"],
    [{ a: 1 }, "an object"],
    [null, "null"],
  ])("%j is printed %s", (value, printed) => {
    const result = parseProblem(brokenInput(set("weight", value, (i) => i.workloads[0])));
    if (value === undefined) expect(result.ok).toBe(true);
    else expect(result).toMatchObject({ violations: [{ value: printed }] });
  });

  it("is short and has nothing that a terminal would act on", () => {
    const nasty = `\u001b[2J\u202e${"x".repeat(10_000)}`;
    const result = parseProblem(brokenInput(set("objective", nasty, root)));
    const value = result.ok ? "" : (result.violations[0]?.value ?? "");
    expect(value).toMatch(/^"\\u001b\[2J\\u202ex+…$/);
    expect(value.length).toBeLessThanOrEqual(80);
  });
});
