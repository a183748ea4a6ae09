import { stripVTControlCharacters } from "node:util";

/** Longest text of one cell or message; names may be of any length. */
const MAX_TEXT = 400;

/** Input text made safe to print: no control or bidirectional characters, which could rewrite the screen, and bounded. */
export function printable(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return stripVTControlCharacters(cut).replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");
}

const WIDE = /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII on purpose
  if (/^[\x00-\x7F]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const char of plain) width += WIDE.test(char) ? 2 : 1;
  return width;
}

/** Lines of at most `width` columns, broken between words; a longer word is broken where the line ends. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ").flatMap((word) => pieces(word, width));
  for (const word of words) {
    if (line !== "" && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  const all = [""];
  for (const char of word) {
    const last = all.length - 1;
    if (textWidth(all[last] + char) > width) all.push(char);
    else all[last] += char;
  }
  return all;
}

/** 0.6234 as `62.3 %`, cut rather than rounded as in the sentences of a plan: what is below 1 never reads as 100 %. */
export function percent(ratio: number): string {
  const points = Math.floor(ratio * 1000 + 1e-6) / 10;
  return points === 0 && ratio > 0 ? "<0.1 %" : `${points} %`;
}

/** A relative gap as a percentage with two significant digits. */
export function gapText(gap: number): string {
  if (!Number.isFinite(gap)) return "unknown";
  if (gap <= 0) return "0 %";
  if (gap < 1e-6) return "<0.0001 %";
  return `${Number((gap * 100).toPrecision(2))} %`;
}

/** A number for people: at most `digits` decimals and no zeros at the end. */
export function decimal(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1e15) return value.toExponential(3);
  const text = trimZeros(value.toFixed(digits));
  return text === "-0" ? "0" : text;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${decimal(ms / 1000, 1)} s`;
}
