import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A small exporter; its text may change between scrapes. */
export interface Exporter {
  /** `host:port`, as a scrape target. */
  address: string;
  port: number;
  scrapes(): number;
  set(text: (nowMs: number) => string): void;
  stop(): Promise<void>;
}

export async function startExporter(
  initial: (nowMs: number) => string,
  { port = 0, contentType = "text/plain; version=0.0.4; charset=utf-8" } = {},
): Promise<Exporter> {
  let text = initial;
  let scrapes = 0;
  const server: Server = createServer((_request, response) => {
    scrapes += 1;
    response.setHeader("content-type", contentType);
    response.end(text(Date.now()));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${address.port}`,
    port: address.port,
    scrapes: () => scrapes,
    set: (next) => {
      text = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a server is doing, by the second; buckets hold cumulative rates. */
export interface ServerLoad {
  running: number;
  waiting: number;
  kvCacheUtilization: number;
  requestsPerSecond: number;
  promptTokens: number;
  outputTokens: number;
  cacheHitRate: number;
  /** Seconds and the share of requests up to there. */
  ttft: [le: string, share: number][];
  ttftMeanSeconds: number;
}

/**
 * What a vLLM server says, written out by hand from its documentation. Counters are exact functions of the time that
 * is told with them, so that rates come out exact however busy the machine is; `startedMs` is when they were zero.
 */
export function vllmText(load: ServerLoad, nowMs: number, startedMs: number, withTime = true): string {
  const seconds = (nowMs - startedMs) / 1000;
  const at = withTime ? ` ${nowMs}` : "";
  const labels = `model_name="llama",engine="0"`;
  const requests = load.requestsPerSecond * seconds;
  const counter = (name: string, value: number, more = "") => `vllm:${name}{${labels}${more}} ${value}${at}`;
  const buckets = (name: string) => [
    `# TYPE vllm:${name} histogram`,
    ...load.ttft.map(([le, share]) => counter(`${name}_bucket`, share * requests, `,le="${le}"`)),
    counter(`${name}_sum`, load.ttftMeanSeconds * requests),
    counter(`${name}_count`, requests),
  ];
  return `${[
    "# TYPE vllm:num_requests_running gauge",
    counter("num_requests_running", load.running),
    "# TYPE vllm:num_requests_waiting gauge",
    counter("num_requests_waiting", load.waiting),
    "# TYPE vllm:kv_cache_usage_perc gauge",
    counter("kv_cache_usage_perc", load.kvCacheUtilization),
    "# TYPE vllm:request_success_total counter",
    counter("request_success_total", requests * 0.75, ',finished_reason="stop"'),
    counter("request_success_total", requests * 0.25, ',finished_reason="length"'),
    "# TYPE vllm:prompt_tokens_total counter",
    counter("prompt_tokens_total", requests * load.promptTokens),
    "# TYPE vllm:generation_tokens_total counter",
    counter("generation_tokens_total", requests * load.outputTokens),
    "# TYPE vllm:prefix_cache_queries_total counter",
    counter("prefix_cache_queries_total", requests * load.promptTokens),
    "# TYPE vllm:prefix_cache_hits_total counter",
    counter("prefix_cache_hits_total", requests * load.promptTokens * load.cacheHitRate),
    "# TYPE vllm:request_prompt_tokens histogram",
    counter("request_prompt_tokens_bucket", requests, ',le="+Inf"'),
    counter("request_prompt_tokens_sum", requests * load.promptTokens),
    counter("request_prompt_tokens_count", requests),
    "# TYPE vllm:request_generation_tokens histogram",
    counter("request_generation_tokens_bucket", requests, ',le="+Inf"'),
    counter("request_generation_tokens_sum", requests * load.outputTokens),
    counter("request_generation_tokens_count", requests),
    ...buckets("time_to_first_token_seconds"),
    // Both names of the same thing, as a version in between has them.
    ...buckets("inter_token_latency_seconds"),
    ...buckets("time_per_output_token_seconds"),
    ...buckets("e2e_request_latency_seconds"),
  ].join("\n")}\n`;
}
