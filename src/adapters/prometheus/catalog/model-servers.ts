import type { LatencySignal } from "../../../snapshot/signals.ts";
import type { Reading, ServingSystem } from "./types.ts";

const US_TO_MS = 0.001;
const S_TO_MS = 1000;

/** Servers that count time and requests, but keep no histogram: a mean, and no quantiles. */
const mean = (signal: LatencySignal, microseconds: string, requests: string): Reading[] => [
  { signal, part: "numerator", kind: "counter", metrics: [microseconds], scale: US_TO_MS },
  { signal, part: "denominator", kind: "counter", metrics: [requests] },
];

export const TRITON: ServingSystem = {
  name: "triton",
  subject: "pod",
  modelLabels: ["model"],
  documentation: "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html",
  heartbeat: ["nv_inference_request_success"],
  activity: ["nv_inference_request_success"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["nv_inference_request_success"] },
    { signal: "waitingRequests", kind: "gauge", metrics: ["nv_inference_pending_request_count"] },
    { signal: "ttft", kind: "histogram", metrics: ["nv_inference_first_response_histogram_ms"] },
    ...mean("e2e", "nv_inference_request_duration_us", "nv_inference_request_success"),
    ...mean("queueTime", "nv_inference_queue_duration_us", "nv_inference_request_success"),
  ],
};

const inBatcher = (type: string): Pick<Reading, "kind" | "metrics" | "where"> => ({
  kind: "gauge",
  metrics: ["nv_trt_llm_request_metrics"],
  where: [["request_type", "=", type]],
});

/** The batcher of TensorRT-LLM inside Triton. */
export const TRITON_TENSORRT_LLM: ServingSystem = {
  name: "triton-tensorrt-llm",
  subject: "pod",
  modelLabels: ["model"],
  documentation: "https://github.com/triton-inference-server/tensorrtllm_backend (README, Triton Metrics)",
  heartbeat: ["nv_trt_llm_request_metrics"],
  activity: [],
  readings: [
    { signal: "runningRequests", ...inBatcher("scheduled") },
    { signal: "waitingRequests", ...inBatcher("waiting") },
    {
      signal: "kvCacheUtilization",
      kind: "gauge",
      metrics: ["nv_trt_llm_kv_cache_block_metrics"],
      where: [["kv_cache_block_type", "=", "fraction"]],
      within: "avg",
    },
  ],
};

export const TF_SERVING: ServingSystem = {
  name: "tf-serving",
  subject: "pod",
  modelLabels: ["model_name"],
  documentation: "https://github.com/tensorflow/serving (util/prometheus_exporter, servables/tensorflow/util.cc)",
  heartbeat: [":tensorflow:serving:request_count"],
  activity: [":tensorflow:serving:request_count"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: [":tensorflow:serving:request_count"] },
    { signal: "e2e", kind: "histogram", metrics: [":tensorflow:serving:request_latency"], scale: US_TO_MS },
  ],
};

export const TORCH_SERVE: ServingSystem = {
  name: "torchserve",
  subject: "pod",
  modelLabels: ["model_name"],
  documentation: "https://pytorch.org/serve/metrics_api.html",
  heartbeat: ["ts_inference_requests_total"],
  activity: ["ts_inference_requests_total"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["ts_inference_requests_total"] },
    ...mean("e2e", "ts_inference_latency_microseconds", "ts_inference_requests_total"),
    ...mean("queueTime", "ts_queue_latency_microseconds", "ts_inference_requests_total"),
  ],
};

export const KSERVE: ServingSystem = {
  name: "kserve",
  subject: "pod",
  modelLabels: ["model_name"],
  documentation:
    "https://kserve.github.io/website/docs/model-serving/predictive-inference/observability/prometheus-metrics",
  heartbeat: ["request_predict_seconds_count"],
  activity: ["request_predict_seconds_count"],
  readings: [
    { signal: "requestRate", kind: "counter", metrics: ["request_predict_seconds_count"] },
    { signal: "e2e", kind: "histogram", metrics: ["request_predict_seconds"], scale: S_TO_MS },
  ],
};

export const SELDON: ServingSystem = {
  name: "seldon",
  subject: "pod",
  modelLabels: ["model", "model_name"],
  documentation: "https://docs.seldon.ai/seldon-core-2/user-guide/operational-monitoring",
  heartbeat: ["seldon_model_infer_total", "seldon_api_executor_server_requests_seconds_count"],
  activity: ["seldon_model_infer_total", "seldon_api_executor_server_requests_seconds_count"],
  readings: [
    {
      signal: "requestRate",
      kind: "counter",
      metrics: ["seldon_model_infer_total", "seldon_api_executor_server_requests_seconds_count"],
    },
    {
      signal: "e2e",
      kind: "histogram",
      metrics: ["seldon_model_infer_api_seconds", "seldon_api_executor_server_requests_seconds"],
      scale: S_TO_MS,
    },
  ],
};
