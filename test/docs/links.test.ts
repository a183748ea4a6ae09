import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

const pages = readdirSync(DOCS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));

/** As GitHub makes them from headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

test("links between the documents lead somewhere", () => {
  const broken: string[] = [];
  let count = 0;
  for (const name of pages) {
    const path = join(DOCS, name);
    for (const [, target = ""] of readFileSync(path, "utf8").matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      count++;
      const [file = "", anchor] = target.split("#");
      const other = file === "" ? path : join(dirname(path), file);
      if (!existsSync(other)) broken.push(`${name}: ${target}`);
      else if (anchor !== undefined && !anchorsOf(readFileSync(other, "utf8")).has(anchor)) {
        broken.push(`${name}: ${target} (no such heading)`);
      }
    }
  }
  expect(broken).toEqual([]);
  expect(count).toBeGreaterThan(50);
});
