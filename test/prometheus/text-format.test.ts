import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExposition } from "../../src/adapters/prometheus/pods/text-format.ts";

const parse = (text: string) => parseExposition(text, () => true);

test("lines of the text format and of OpenMetrics", () => {
  const { samples, unreadable } = parse(`# HELP a Help with {braces} and "quotes".
# TYPE a counter
a_total{x="1",y="with \\"quotes\\", a }brace, \\\\ and \\n line"} 5 1700000000000
a_created{x="1"} 1.7e9
# a sum that stands before its buckets, as servers with several processes write it
h_sum 2.5
h_bucket{le="0.1",} 1 # {trace_id="abc"} 0.05 1700000000.1
h_bucket{le="+Inf"} 3.0
vllm:colons:in:names{ a = "b" , c = "" } .5e1
:tensorflow:serving:request_count{} 7

g NaN
g2 +Inf
g3 -Inf
g4 -1e-3
# EOF
`);
  expect(unreadable).toBe(0);
  expect(samples).toEqual([
    { name: "a_total", labels: { x: "1", y: 'with "quotes", a }brace, \\ and \n line' }, value: 5 },
    { name: "a_created", labels: { x: "1" }, value: 1.7e9 },
    { name: "h_sum", labels: {}, value: 2.5 },
    { name: "h_bucket", labels: { le: "0.1" }, value: 1 },
    { name: "h_bucket", labels: { le: "+Inf" }, value: 3 },
    { name: "vllm:colons:in:names", labels: { a: "b", c: "" }, value: 5 },
    { name: ":tensorflow:serving:request_count", labels: {}, value: 7 },
    { name: "g", labels: {}, value: Number.NaN },
    { name: "g2", labels: {}, value: Number.POSITIVE_INFINITY },
    { name: "g3", labels: {}, value: Number.NEGATIVE_INFINITY },
    { name: "g4", labels: {}, value: -0.001 },
  ]);
});

test.each([
  "a",
  "a{",
  'a{x="1" 5',
  'a{x="1} 5',
  "a{x=1} 5",
  'a{="1"} 5',
  "a five",
  "a 5 then",
  "a 5 1 2",
  "a 0x10",
  "<html>",
  "5 a",
  `a{x="${"y".repeat(70_000)}"} 1`,
])("a line that is none is counted, and the others are read: %.20s", (line) => {
  const { samples, unreadable } = parse(`before 1\n${line}\nafter 2\n`);
  expect(unreadable).toBe(1);
  expect(samples.map((sample) => sample.name)).toEqual(["before", "after"]);
});

test("names that nobody wants cost nothing and fail nothing", () => {
  expect(parseExposition("a{ 5\nb 1\n", (name) => name === "b")).toEqual({
    samples: [{ name: "b", labels: {}, value: 1 }],
    unreadable: 0,
  });
});

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');

test("whatever stands in a label comes out as it went in", () => {
  const label = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/[\r\u2028\u2029\u0085]/.test(text));
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/), label, { maxKeys: 4 }),
      fc.double(),
      (labels, value) => {
        const inside = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
        const written = Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
        const { samples } = parse(`metric{${inside.join(",")}} ${written}\n`);
        expect(samples).toEqual([{ name: "metric", labels: { ...labels }, value: Object.is(value, -0) ? 0 : value }]);
      },
    ),
    { seed: 20_261_125, numRuns: 300 },
  );
});

test("nothing makes it throw", () => {
  const unit = fc.constantFrom(...'a1_:{}"\\=,# .-+\n\teNI\u0000é');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      expect(parse(text).samples.every((sample) => typeof sample.value === "number")).toBe(true);
    }),
    { seed: 20_261_125, numRuns: 2000 },
  );
});
