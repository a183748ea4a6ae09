import type { PrometheusSourceConfig } from "../config/schema.ts";
import type { HttpClient } from "../http/client.ts";
import { parseAnswer, type Row } from "./answer.ts";

/** What a query gave. */
export interface QueryAnswer {
  rows: Row[];
  warnings: string[];
  /** How far the clock of the server is ahead, ms. */
  aheadMs: number;
}

/** Statuses whose body says in JSON what is wrong; other ones come from proxies. */
const READABLE = [200, 400, 422];

/**
 * One instant query, as of a moment. POST, since queries are long.
 *
 * @throws Error with what the server says, or why there was no answer
 */
export async function instantQuery(
  client: HttpClient,
  { url, params, timeoutSeconds }: PrometheusSourceConfig,
  promql: string,
  atMs: number,
): Promise<QueryAnswer> {
  const form = new URLSearchParams({
    ...params,
    query: promql,
    time: (atMs / 1000).toFixed(3),
    timeout: `${Math.ceil(timeoutSeconds * 1000)}ms`,
  });
  const answer = await client.send({
    url: `${url.replace(/\/+$/, "")}/api/v1/query`,
    method: "POST",
    form,
    headers: { accept: "application/json" },
    readable: READABLE,
  });
  const parsed = parseAnswer(answer.body);
  if (!parsed.ok) throw new Error(answer.status === 200 ? parsed.error : `status ${answer.status}: ${parsed.error}`);
  return { rows: parsed.rows, warnings: parsed.warnings, aheadMs: answer.aheadMs };
}
