import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a command has to say: the lines between the two comments of its name in `docs/benchmarks.md`. */
export interface Section {
  name: string;
  /** One sentence for the summary at the top of the document; none where the lines speak for themselves. */
  headline?: string;
  lines: string[];
}

export const DOCS = join(import.meta.dirname, "../../docs");

const FILE = join(DOCS, "benchmarks.md");

const opening = (name: string) => `<!-- bench:${name} -->`;
const closing = (name: string) => `<!-- /bench:${name} -->`;

function between(document: string, name: string, text: string): string {
  const from = document.indexOf(opening(name));
  const to = document.indexOf(closing(name));
  if (from < 0 || to < from)
    throw new Error(`docs/benchmarks.md has nothing between ${opening(name)} and ${closing(name)}`);
  return `${document.slice(0, from)}${opening(name)}${text}${document.slice(to)}`;
}

/** The document with one section's lines and its headline replaced; all that people wrote around them stays. */
export function replaced(document: string, { name, headline, lines }: Section): string {
  const written = between(document, name, `\n\n${lines.join("\n")}\n\n`);
  return headline === undefined ? written : between(written, `${name}:headline`, headline);
}

export function writeSection(section: Section): void {
  writeFileSync(FILE, replaced(readFileSync(FILE, "utf8"), section));
}
