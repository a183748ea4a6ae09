/** One request of the Azure LLM inference trace. */
export interface TraceRequest {
  /** Seconds since the first request. */
  second: number;
  inputTokens: number;
  outputTokens: number;
}

/** Rows like `2023-11-16 18:17:03.9799600,4808,10` after a heading, in order of time, all of one day. */
export function readTrace(csv: string): TraceRequest[] {
  const rows = csv.trim().split("\n").slice(1);
  const requests = rows.map((row, i) => {
    const match = /^\S+ (\d\d):(\d\d):(\d\d\.\d+),(\d+),(\d+)\r?$/.exec(row);
    if (match === null) throw new Error(`trace, line ${i + 2}: not a time and two token counts: ${row.slice(0, 60)}`);
    const [hours, minutes, seconds, inputTokens, outputTokens] = match.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { second: hours * 3600 + minutes * 60 + seconds, inputTokens, outputTokens };
  });
  const start = requests[0]?.second ?? 0;
  return requests.map((request) => ({ ...request, second: request.second - start }));
}

/** What was asked in a window of minutes `[from, to)` with prompts of `[low, high)` tokens. */
export interface Counted {
  requests: number;
  perSecond: number;
  inputTokens: number;
  outputTokens: number;
}

export function count(trace: readonly TraceRequest[], minutes: [number, number], prompts: [number, number]): Counted {
  const [from, to] = minutes;
  const [low, high] = prompts;
  const inside = trace.filter(
    (request) =>
      request.second >= from * 60 &&
      request.second < to * 60 &&
      request.inputTokens >= low &&
      request.inputTokens < high,
  );
  const mean = (value: (request: TraceRequest) => number) =>
    inside.reduce((sum, request) => sum + value(request), 0) / inside.length;
  return {
    requests: inside.length,
    perSecond: inside.length / ((to - from) * 60),
    inputTokens: Math.round(mean((request) => request.inputTokens)),
    outputTokens: Math.max(1, Math.round(mean((request) => request.outputTokens))),
  };
}

/** Requests and tokens of each minute, as CSV. */
export function perMinuteCsv(trace: readonly TraceRequest[]): string {
  const minutes = Math.ceil(((trace.at(-1)?.second ?? 0) + 1e-9) / 60);
  const lines = ["minute,requests,input_tokens,output_tokens"];
  for (let minute = 0; minute < minutes; minute++) {
    const inside = trace.filter((request) => Math.floor(request.second / 60) === minute);
    const sum = (value: (request: TraceRequest) => number) => inside.reduce((total, entry) => total + value(entry), 0);
    lines.push([minute, inside.length, sum((r) => r.inputTokens), sum((r) => r.outputTokens)].join(","));
  }
  return `${lines.join("\n")}\n`;
}
