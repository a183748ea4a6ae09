import type { Reading, ServingSystem } from "./types.ts";

const MS = 1000;

const ratio = (signal: Reading["signal"], numerator: readonly string[], denominator: readonly string[]): Reading[] => [
  { signal, part: "numerator", kind: "counter", metrics: numerator },
  { signal, part: "denominator", kind: "counter", metrics: denominator },
];

const latency = (signal: Reading["signal"], ...metrics: string[]): Reading => ({
  signal,
  kind: "histogram",
  metrics,
  scale: MS,
});

const inFlightGrowth = (running: string, waiting: string): Reading[] => [
  { signal: "inFlightGrowth", kind: "derivative", metrics: [running] },
  { signal: "inFlightGrowth", kind: "derivative", metrics: [waiting] },
];

export const VLLM: ServingSystem = {
  name: "vllm",
  subject: "pod",
  modelLabels: ["model_name"],
  documentation: "https://docs.vllm.ai/en/stable/usage/metrics/",
  heartbeat: ["vllm:num_requests_running"],
  activity: ["vllm:request_success_total"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["vllm:request_success_total"] },
    { signal: "runningRequests", kind: "gauge", metrics: ["vllm:num_requests_running"] },
    { signal: "waitingRequests", kind: "gauge", metrics: ["vllm:num_requests_waiting"] },
    ...inFlightGrowth("vllm:num_requests_running", "vllm:num_requests_waiting"),
    {
      signal: "kvCacheUtilization",
      kind: "gauge",
      metrics: ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
      within: "avg",
    },
    ...ratio(
      "prefixCacheHitRate",
      ["vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"],
      ["vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"],
    ),
    ...ratio("inputTokensPerRequest", ["vllm:request_prompt_tokens_sum"], ["vllm:request_prompt_tokens_count"]),
    ...ratio(
      "outputTokensPerRequest",
      ["vllm:request_generation_tokens_sum"],
      ["vllm:request_generation_tokens_count"],
    ),
    { signal: "inputTokenRate", kind: "counter", metrics: ["vllm:prompt_tokens_total"] },
    { signal: "outputTokenRate", kind: "counter", metrics: ["vllm:generation_tokens_total"] },
    latency("ttft", "vllm:time_to_first_token_seconds"),
    latency("itl", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"),
    latency("tpot", "vllm:request_time_per_output_token_seconds"),
    latency("e2e", "vllm:e2e_request_latency_seconds"),
    latency("queueTime", "vllm:request_queue_time_seconds"),
  ],
};

export const SGLANG: ServingSystem = {
  name: "sglang",
  subject: "pod",
  modelLabels: ["model_name"],
  documentation: "https://docs.sglang.io/references/production_metrics.html",
  heartbeat: ["sglang:num_running_reqs"],
  activity: ["sglang:num_requests_total"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["sglang:num_requests_total"] },
    { signal: "runningRequests", kind: "gauge", metrics: ["sglang:num_running_reqs"] },
    { signal: "waitingRequests", kind: "gauge", metrics: ["sglang:num_queue_reqs"] },
    ...inFlightGrowth("sglang:num_running_reqs", "sglang:num_queue_reqs"),
    { signal: "kvCacheUtilization", kind: "gauge", metrics: ["sglang:token_usage"], within: "avg" },
    ...ratio("prefixCacheHitRate", ["sglang:cached_tokens_total"], ["sglang:prompt_tokens_total"]),
    ...ratio("inputTokensPerRequest", ["sglang:prompt_tokens_total"], ["sglang:num_requests_total"]),
    ...ratio("outputTokensPerRequest", ["sglang:generation_tokens_total"], ["sglang:num_requests_total"]),
    { signal: "inputTokenRate", kind: "counter", metrics: ["sglang:prompt_tokens_total"] },
    { signal: "outputTokenRate", kind: "counter", metrics: ["sglang:generation_tokens_total"] },
    latency("ttft", "sglang:time_to_first_token_seconds"),
    latency("itl", "sglang:inter_token_latency_seconds", "sglang:time_per_output_token_seconds"),
    latency("e2e", "sglang:e2e_request_latency_seconds"),
    latency("queueTime", "sglang:queue_time_seconds"),
  ],
};

export const TGI: ServingSystem = {
  name: "tgi",
  subject: "pod",
  documentation: "https://huggingface.co/docs/text-generation-inference/reference/metrics",
  heartbeat: ["tgi_queue_size"],
  activity: ["tgi_request_count"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["tgi_request_success"] },
    { signal: "arrivalRate", kind: "counter", metrics: ["tgi_request_count"] },
    { signal: "runningRequests", kind: "gauge", metrics: ["tgi_batch_current_size"] },
    { signal: "waitingRequests", kind: "gauge", metrics: ["tgi_queue_size"] },
    ...ratio("inputTokensPerRequest", ["tgi_request_input_length_sum"], ["tgi_request_input_length_count"]),
    ...ratio("outputTokensPerRequest", ["tgi_request_generated_tokens_sum"], ["tgi_request_generated_tokens_count"]),
    { signal: "inputTokenRate", kind: "counter", metrics: ["tgi_request_input_length_sum"] },
    { signal: "outputTokenRate", kind: "counter", metrics: ["tgi_request_generated_tokens_sum"] },
    latency("tpot", "tgi_request_mean_time_per_token_duration"),
    latency("e2e", "tgi_request_duration"),
    latency("queueTime", "tgi_request_queue_duration"),
  ],
};

export const TENSORRT_LLM: ServingSystem = {
  name: "tensorrt-llm",
  subject: "pod",
  modelLabels: ["model_name"],
  documentation: "https://nvidia.github.io/TensorRT-LLM (trtllm-serve, /prometheus/metrics)",
  heartbeat: ["trtllm_num_requests_running", "trtllm_kv_cache_utilization"],
  activity: ["trtllm_request_success_total"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["trtllm_request_success_total"] },
    { signal: "runningRequests", kind: "gauge", metrics: ["trtllm_num_requests_running"] },
    { signal: "waitingRequests", kind: "gauge", metrics: ["trtllm_num_requests_waiting"] },
    ...inFlightGrowth("trtllm_num_requests_running", "trtllm_num_requests_waiting"),
    { signal: "kvCacheUtilization", kind: "gauge", metrics: ["trtllm_kv_cache_utilization"], within: "avg" },
    latency("ttft", "trtllm_time_to_first_token_seconds"),
    latency("tpot", "trtllm_time_per_output_token_seconds"),
    latency("e2e", "trtllm_e2e_request_latency_seconds"),
    latency("queueTime", "trtllm_request_queue_time_seconds"),
  ],
};
