import fc from "fast-check";
import { expect, test } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";

function violation(text: string) {
  const read = readDocumentText(text);
  if (read.ok) throw new Error(`was read: ${JSON.stringify(read.value)?.slice(0, 200)}`);
  return read.violations[0];
}

test.each([
  ["JSON", '{"a": [1, 2.5, null, "x"]}', { a: [1, 2.5, null, "x"] }],
  ["YAML", "a: [1, 2.5, null, x]", { a: [1, 2.5, null, "x"] }],
  ["a byte order mark", "\uFEFF{}", {}],
  [
    "the same key in different objects",
    '{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}',
    { a: { a: 1 }, b: [{ a: 1 }, { a: 1 }] },
  ],
  ["strings that look like structure", '{"a": "{\\"a\\": 1, \\\\", "b": "],"}', { a: '{"a": 1, \\', b: "]," }],
  ["numbers as keys", "1: x", { "1": "x" }],
  ["aliases", "a: &n [1]\nb: *n", { a: [1], b: [1] }],
  ["dates stay text", "a: 2026-01-01", { a: "2026-01-01" }],
  ["nothing", "", null],
])("reads %s", (_, text, value) => {
  expect(readDocumentText(text)).toEqual({ ok: true, value });
});

test.each([
  ["a key that stands twice, YAML", "a: 1\nb:\n  c: 1\n  c: 2\n", "line 4, column 3", /"c" stands twice/],
  ["a key that stands twice, JSON", '{"a": 1,\n "b": {"c": 1, "c": 2}}', "line 2, column 16", /"c" stands twice/],
  ["the same key, escaped", '{"a": 1, "\\u0061": 2}', "line 1, column 10", /"a" stands twice/],
  ["an unclosed list", "a: [1,\n2", "line 2, column 1", /./],
  ["tabs", "a:\n\tb: 1", "line 2, column 1", /Tabs/],
  ["two documents", "a: 1\n---\nb: 2", "line 2, column 1", /multiple documents/],
  ["an unknown tag", "a: !!js/function x", "line 1, column 4", /tag/],
  ["a key that is a map", "? {a: 1}\n: 2", "line 1, column 3", /strings/],
  ["an alias without anchor", "a: *b", "an alias", /b/],
  ["an alias that contains itself", "a: &a [*a]", "the document", /expand/],
  ["deep JSON", "[".repeat(100_000) + "]".repeat(100_000), "line 1, column 65", /deep/],
  ["deep YAML", `a: ${"[".repeat(200)}${"]".repeat(200)}`, "the document", /deep/],
  ["endless brackets", "[".repeat(100_000), /line 1/, /stack|deep/],
])("refuses %s", (_, text, value, rule) => {
  const found = violation(text);
  expect(found?.path).toBe("document");
  expect(found?.value).toEqual(typeof value === "string" ? value : expect.stringMatching(value));
  expect(found?.rule).toMatch(rule);
  expect(found?.fix).not.toBe("");
});

test("refuses a bomb of nested aliases", () => {
  const names = "abcdefghij".split("");
  const lines = names.map((name, i) => {
    const of = i === 0 ? "x" : `*${names[i - 1]}`;
    return `${name}: &${name} [${Array(10).fill(of).join(",")}]`;
  });
  expect(violation(lines.join("\n"))?.rule).toMatch(/expand/);
});

test("refuses a flood of aliases before it resolves them", () => {
  expect(violation(`a: &a 1\nb: [${"*a,".repeat(100_000)}]`)?.rule).toMatch(/aliases/);
});

test("a map with very many keys is read without comparing every pair", () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join("\n");
  const read = readDocumentText(text);
  expect(read.ok && Object.keys(read.value as object)).toHaveLength(50_000);
});

test("a large text that is no JSON is not tried as YAML", () => {
  const found = violation(`{"a": "${"x".repeat(9 * 1024 * 1024)}"`);
  expect(found?.fix).toBe("write it as JSON");
});

test("every JSON value comes back as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(readDocumentText(JSON.stringify(value))).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) });
    }),
    { seed: 7, numRuns: 300 },
  );
});
