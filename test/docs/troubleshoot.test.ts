import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REASON_CODES } from "../../src/domain/reason-codes.ts";

const text = readFileSync(new URL("../../docs/troubleshoot.md", import.meta.url), "utf8");

/** Rows of tables whose first cell is a code: code, meaning, cure. */
const rows = text.split("\n").flatMap((line) => {
  const cells = line.split("|").map((cell) => cell.trim());
  const code = /^`([A-Z]\w+)`$/.exec(cells[1] ?? "")?.[1];
  return code === undefined || cells.length !== 5 ? [] : [{ code, meaning: cells[2]!, cure: cells[3]! }];
});

test("every reason code is documented once, with what it means and what to do", () => {
  for (const code of REASON_CODES) {
    const found = rows.filter((row) => row.code === code);
    expect(found, code).toHaveLength(1);
    expect(found[0]!.meaning.length, code).toBeGreaterThan(10);
    expect(found[0]!.cure.length, code).toBeGreaterThan(3);
  }
});
