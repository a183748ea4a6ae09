import type { TracedRequest } from "../../simulation/cluster/traffic.ts";

const ROW = /^\S+[ T](\d\d):(\d\d):(\d\d(?:\.\d+)?)[^,]*,(\d+),(\d+)$/;
const DAY_MS = 86_400_000;

/**
 * The requests of a trace in the form of the Azure LLM inference traces: a heading, then rows like
 * `2023-11-16 18:17:03.9799600,4808,10` (time, prompt tokens, answer tokens) in the order of time, less than a day in all.
 *
 * @throws Error that names the line
 */
export function readTraceCsv(text: string, file: string): TracedRequest[] {
  const lines = text.trim().split(/\r?\n/).slice(1);
  if (lines.length === 0) throw new Error(`${file}: has no request; give a heading and rows of time,tokens,tokens`);
  let startMs = Number.NaN;
  let beforeMs = 0;
  return lines.map((line, i) => {
    const match = ROW.exec(line.trim());
    if (match === null) {
      throw new Error(`${file}: line ${i + 2} is ${JSON.stringify(line.slice(0, 60))}: write time,tokens,tokens`);
    }
    const [hours = 0, minutes = 0, seconds = 0, inputTokens = 0, outputTokens = 0] = match.slice(1).map(Number);
    const dayMs = ((hours * 60 + minutes) * 60 + seconds) * 1000;
    if (i === 0) startMs = dayMs;
    // Past midnight the day begins anew.
    const atMs = dayMs >= startMs ? dayMs - startMs : dayMs - startMs + DAY_MS;
    if (atMs < beforeMs) throw new Error(`${file}: line ${i + 2} is earlier than the one before it: sort it by time`);
    beforeMs = atMs;
    return { atMs, inputTokens: Math.max(1, inputTokens), outputTokens: Math.max(1, outputTokens) };
  });
}
