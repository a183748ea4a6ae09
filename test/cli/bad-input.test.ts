import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { apportion, problems, temporaryFile } from "./apportion.ts";

const twoWorkloads = readFileSync(new URL("../fixtures/problems/two-workloads.yaml", import.meta.url), "utf8");

// biome-ignore lint/suspicious/noExplicitAny: the tests break documents on purpose
type Document = any;

function changed(change: (document: Document) => void): string {
  const document: Document = parse(twoWorkloads);
  change(document);
  return stringify(document);
}

test.each<[string, string, RegExp]>([
  [
    "NaN",
    changed((d) => Object.assign(d.workloads[0], { demandPerSecond: Number.NaN })),
    /workloads\[0\]\.demandPerSecond/,
  ],
  [
    "infinity",
    changed((d) => Object.assign(d.workloads[0], { weight: Number.POSITIVE_INFINITY })),
    /workloads\[0\]\.weight/,
  ],
  ["1e308", changed((d) => Object.assign(d.workloads[0].variants[0], { costPerHour: 1e308 })), /costPerHour/],
  ["text for a number", changed((d) => Object.assign(d.workloads[0], { demandPerSecond: "12" })), /demandPerSecond/],
  [
    "a name of 10 MB",
    changed((d) => Object.assign(d.workloads[0], { name: "x".repeat(1e7) })),
    /(workloads\[0\]\.name|YAML)/,
  ],
  ["a name that stands twice", changed((d) => Object.assign(d.workloads[1], { name: "chat" })), /workloads\[1\]\.name/],
  [
    "a pool that is not there",
    changed((d) => Object.assign(d.workloads[1].variants[0], { pool: "h1000" })),
    /variants\[0\]\.pool.*h100/,
  ],
  ["an unknown field", changed((d) => Object.assign(d.workloads[0], { wieght: 2 })), /wieght.*weight/],
  ["no workloads", changed((d) => Object.assign(d, { workloads: [] })), /workloads/],
  [
    "a cycle of cohorts",
    changed((d) =>
      Object.assign(d, {
        cohorts: [
          { name: "a", parent: "b" },
          { name: "b", parent: "a" },
        ],
      }),
    ),
    /cohorts/,
  ],
  [
    "min above max",
    changed((d) => Object.assign(d.workloads[0].variants[0], { minReplicas: 2, maxReplicas: 1 })),
    /(min|max)Replicas/,
  ],
  [
    "a key that stands twice",
    "kind: PlacementProblem\nkind: PlacementProblem\n",
    /line 2, column 1.*"kind" stands twice/,
  ],
  ["YAML that does not parse", "pools: [\n", /line \d+, column \d+/],
  [
    "a YAML bomb",
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n" +
      "bcdefghij".replace(
        /./g,
        (c) => `${c}: &${c} [${Array(10).fill(`*${String.fromCharCode(c.charCodeAt(0) - 1)}`)}]\n`,
      ),
    /aliases expand/,
  ],
  ["nothing", "", /./],
  ["a list", "[]", /./],
  ["text", "hello", /./],
])(
  "%s: exit code 2, the place and the fix on standard error, nothing on standard output",
  async (_, document, message) => {
    const { code, stdout, stderr } = await apportion(["solve", "-"], document);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/internal error|\n\s+at /);
    expect(stderr.length).toBeLessThan(20_000);
  },
);

test("a name of 10 MB in JSON is named by its path and cut", async () => {
  const document = JSON.stringify({ ...parse(twoWorkloads), pools: [{ name: "x".repeat(1e7), devices: 1 }] });
  const { code, stderr } = await apportion(["solve", "-"], document);
  expect(code).toBe(2);
  expect(stderr).toMatch(/pools\[0\]\.name/);
  expect(stderr.length).toBeLessThan(20_000);
});

test("control characters of the input do not reach the terminal", async () => {
  const document = changed((d) => Object.assign(d.workloads[1].variants[0], { pool: "\u001b[2J\u202Eh100" }));
  const { code, stderr } = await apportion(["solve", "-"], document);
  expect(code).toBe(2);
  expect(stderr).not.toContain("\u001b");
  expect(stderr).not.toContain("\u202E");
});

test.each([
  ["a file that is not there", () => "nowhere.yaml", /nowhere\.yaml: cannot be read \(no such file\)/],
  ["a directory", () => problems, /it is a directory/],
  ["a binary file", () => temporaryFile("binary", new Uint8Array([0xff, 0xfe, 0x00])), /is not UTF-8/],
])("%s", async (_, file, message) => {
  const { code, stdout, stderr } = await apportion(["solve", file()]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test.each([
  [["solve"], /missing required argument/],
  [["solv", "x"], /Did you mean solve/],
  [["solve", "x", "--tme-limit", "1s"], /Did you mean --time-limit/],
  [["solve", "x", "--time-limit", "10"], /unit/],
  [["solve", "x", "--time-limit", "0s"], /above 0/],
  [["solve", "x", "--gap", "-1"], /at least 0/],
  [["solve", "x", "--gap", "NaN"], /at least 0/],
  [["solve", "x", "--threads", "0"], /whole number/],
  [["solve", "x", "--engine", "cplex"], /auto, price, highs, jslp/],
  [["solve", "x", "--format", "xml"], /table, json/],
  [["solve", "x", "y"], /too many arguments/],
  [["verify", "-", "-"], /given twice/],
  [["completion", "fish"], /bash or zsh/],
  [["import", "wva", "x"], /unknown command|wva/],
  [[], /Usage: apportion/],
])("usage %j ends with exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await apportion(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test.each(["serve", "solve", "plan", "import inferno", "import melange", "verify", "completion"])(
  "%s --help has examples",
  async (command) => {
    const { code, stdout } = await apportion([...command.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n( .*\\n)*.*apportion ${command}`));
  },
);

test("--version is that of the package", async () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await apportion(["--version"])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});
