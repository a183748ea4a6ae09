import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLParseError } from "yaml";

/** A YAML text that cannot be read: where (line and column from 1), what and how to mend it. */
export class YamlError extends Error {
  readonly where: string;
  readonly fix: string;
  constructor(message: string, where: string, fix: string) {
    super(message);
    this.name = "YamlError";
    this.where = where;
    this.fix = fix;
  }
}

/** Each alias is looked up among all those before it: 2,000 take a few ms, 100,000 four minutes. */
const MAX_ALIASES = 2000;

/** Values that aliases may expand to. 100,000 workloads with four variants are half of it; a bomb is far more. */
const MAX_EXPANDED_VALUES = 10_000_000;

/** A plan inside a plan is the deepest document there is, with about 12 levels. */
export const MAX_DEPTH = 64;

/**
 * One YAML document as plain data. Refused: several documents, keys that stand twice or are no strings, unknown tags,
 * aliases that contain themselves or expand without measure.
 *
 * @throws YamlError
 */
export function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  // Its own check of unique keys compares every pair: minutes for a map with a million keys.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
    strict: true,
    uniqueKeys: false,
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new YamlError(problem.message, position(lines, problem.pos[0]), fixFor(problem.code));
  refuseKeysAndAliases(document, lines);
  const value: unknown = toPlain(document);
  refuseEndless(value);
  return value;
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function fixFor(code: YAMLParseError["code"]): string {
  if (code === "MULTIPLE_DOCS") return "give one document a file";
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (code === "RESOURCE_EXHAUSTION") return "nest less deeply";
  if (code === "TAG_RESOLVE_FAILED") return "remove the tag";
  return "mend the YAML there";
}

function refuseKeysAndAliases(document: Document, lines: LineCounter): void {
  let aliases = 0;
  visit(document, {
    Alias(_, alias) {
      aliases += 1;
      if (aliases <= MAX_ALIASES) return;
      const where = position(lines, alias.range?.[0] ?? 0);
      throw new YamlError(`more than ${MAX_ALIASES} aliases`, where, "write the values out");
    },
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name)) {
          const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
          throw new YamlError(
            `the key ${JSON.stringify(String(name).slice(0, 100))} stands twice in one map`,
            position(lines, offset),
            "remove one of them",
          );
        }
        seen.add(name);
      }
    },
  });
}

function toPlain(document: Document): unknown {
  try {
    // Aliases share their value, so nothing grows here; what it would grow to is counted afterwards.
    return document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new YamlError(message, "an alias", "define the anchor before the alias that names it");
  }
}

/** Counts levels, and values with every alias written out, visiting each shared one once. */
function refuseEndless(root: unknown): void {
  const sizes = new Map<object, number>();
  const sizeOf = (value: unknown, depth: number): number => {
    if (depth > MAX_DEPTH) throw new YamlError(`nests more than ${MAX_DEPTH} deep`, "the document", "nest less deeply");
    if (typeof value !== "object" || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    // While it is being counted: an alias that leads back here never ends.
    sizes.set(value, Number.POSITIVE_INFINITY);
    let size = 1;
    for (const child of Object.values(value)) size += sizeOf(child, depth + 1);
    sizes.set(value, size);
    return size;
  };
  if (sizeOf(root, 0) > MAX_EXPANDED_VALUES) {
    throw new YamlError(
      `the aliases expand to more than ${MAX_EXPANDED_VALUES} values`,
      "the document",
      "write the values out in place of nested aliases",
    );
  }
}
