/** vLLM servers of many workloads, as far as a scrape sees them: pages of text with the labels of their pods. Prints its port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [pages = 1, podsOfPage = 100] = process.argv.slice(2).map(Number);

const TTFT = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const TOKEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const REQUEST = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];

/** Bounds and mean, seconds. */
const HISTOGRAMS: Record<string, [number[], number]> = {
  time_to_first_token_seconds: [TTFT, 0.4],
  inter_token_latency_seconds: [TOKEN, 0.03],
  request_time_per_output_token_seconds: [TOKEN, 0.03],
  e2e_request_latency_seconds: [REQUEST, 6],
  request_queue_time_seconds: [REQUEST, 0.5],
};

const startedMs = Date.now() - 3_600_000;

function podText(index: number, seconds: number): string {
  const labels = `namespace="ns-${index % 50}",pod="pod-${index}",model_name="model-${index % 200}",engine="0"`;
  const requests = seconds * (1 + (index % 7));
  const line = (name: string, value: number, more = "") => `vllm:${name}{${labels}${more}} ${value}\n`;
  let text =
    line("num_requests_running", index % 30) +
    line("num_requests_waiting", index % 4) +
    line("kv_cache_usage_perc", (index % 100) / 100) +
    line("prompt_tokens_total", requests * 900) +
    line("generation_tokens_total", requests * 200) +
    line("prefix_cache_queries_total", requests * 900) +
    line("prefix_cache_hits_total", requests * 300) +
    line("request_prompt_tokens_sum", requests * 900) +
    line("request_prompt_tokens_count", requests) +
    line("request_generation_tokens_sum", requests * 200) +
    line("request_generation_tokens_count", requests);
  for (const reason of ["stop", "length", "abort"])
    text += line("request_success_total", requests / 3, `,finished_reason="${reason}"`);
  for (const [name, [bounds, mean]] of Object.entries(HISTOGRAMS)) {
    for (const le of [...bounds, Number.POSITIVE_INFINITY]) {
      const bound = Number.isFinite(le) ? String(le) : "+Inf";
      text += line(`${name}_bucket`, requests * -Math.expm1(-le / mean), `,le="${bound}"`);
    }
    text += line(`${name}_sum`, requests * mean) + line(`${name}_count`, requests);
  }
  return text;
}

const server = createServer((request, response) => {
  const page = Number((request.url ?? "/0").slice(1));
  const seconds = (Date.now() - startedMs) / 1000;
  response.setHeader("content-type", "text/plain; version=0.0.4");
  for (let pod = 0; pod < podsOfPage; pod++) response.write(podText(page * podsOfPage + pod, seconds));
  response.end();
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.stdin.on("end", () => process.exit()).resume();
if (!(pages > 0)) process.exit(2);
