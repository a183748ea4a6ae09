/** One line of an exposition. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Lines longer than this are of no metric that is read here. */
const LONGEST_LINE = 65_536;

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_.]*/y;
const ESCAPES: Record<string, string> = { n: "\n", '"': '"', "\\": "\\" };

/**
 * Samples of the metrics that are wanted, from the Prometheus text format 0.0.4 or OpenMetrics 1.0; lines that are neither are
 * counted. Timestamps and exemplars are passed over: the moment of the scrape counts.
 *
 * Own code, checked against Prometheus itself: the npm packages for this format lose the labels of histograms, a `_sum` that stands
 * before its buckets (as multi-process servers write it), and all of OpenMetrics.
 */
export function parseExposition(
  text: string,
  wanted: (name: string) => boolean,
): { samples: Sample[]; unreadable: number } {
  const samples: Sample[] = [];
  let unreadable = 0;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const name = trimmed.length > LONGEST_LINE ? undefined : NAME.exec(trimmed)?.[0];
    if (name === undefined) {
      unreadable += 1;
      continue;
    }
    if (!wanted(name)) continue;
    const sample = parseSample(trimmed, name);
    if (sample === undefined) unreadable += 1;
    else samples.push(sample);
  }
  return { samples, unreadable };
}

function parseSample(line: string, name: string): Sample | undefined {
  let rest = line.slice(name.length);
  let labels: Record<string, string> = {};
  if (rest.trimStart().startsWith("{")) {
    rest = rest.trimStart();
    const parsed = parseLabels(rest);
    if (parsed === undefined) return undefined;
    labels = parsed.labels;
    rest = rest.slice(parsed.end);
  } else if (!/^\s/.test(rest)) {
    return undefined;
  }
  const [text = "", time, ...more] = (rest.split(" # ")[0] ?? "").trim().split(/\s+/);
  const value = toValue(text);
  if (value === undefined || more.length > 0 || (time !== undefined && toValue(time) === undefined)) return undefined;
  return { name, labels, value };
}

function toValue(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (lower === "nan") return Number.NaN;
  if (/^[+-]?inf(inity)?$/.test(lower))
    return lower.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+[.]?\d*|[.]\d+)(e[+-]?\d+)?$/.test(lower) ? Number(lower) : undefined;
}

/** `{name="value",…}` with escapes, from its brace to the place after the closing one. */
function parseLabels(text: string): { labels: Record<string, string>; end: number } | undefined {
  const labels: Record<string, string> = {};
  let at = 1;
  for (;;) {
    while (/[\s,]/.test(text[at] ?? "")) at += 1;
    if (text[at] === "}") return { labels, end: at + 1 };
    LABEL_NAME.lastIndex = at;
    const name = LABEL_NAME.exec(text)?.[0];
    if (name === undefined) return undefined;
    at += name.length;
    while (/\s/.test(text[at] ?? "")) at += 1;
    if (text[at] !== "=") return undefined;
    at += 1;
    while (/\s/.test(text[at] ?? "")) at += 1;
    if (text[at] !== '"') return undefined;
    const quoted = quotedText(text, at + 1);
    if (quoted === undefined) return undefined;
    labels[name] = quoted.value;
    at = quoted.end;
  }
}

function quotedText(text: string, from: number): { value: string; end: number } | undefined {
  let value = "";
  let at = from;
  for (; at < text.length && text[at] !== '"'; at++) {
    const next = text[at + 1] ?? "";
    if (text[at] === "\\" && Object.hasOwn(ESCAPES, next)) {
      value += ESCAPES[next];
      at += 1;
    } else {
      value += text[at];
    }
  }
  return at < text.length ? { value, end: at + 1 } : undefined;
}
