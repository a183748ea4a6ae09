import type { ServingSystem } from "./types.ts";

const MIB = 1_048_576;
const PERCENT = 0.01;

/** Gateways, queues and devices: what is known of a workload outside its servers. */

/** The endpoint picker has had three prefixes; the signal and its labels stayed. */
const picker = (name: string, ...older: string[]): string[] => [
  `llm_d_router_epp_${name}`,
  `llm_d_epp_${name}`,
  ...older,
];

const PICKER_DOCUMENTATION =
  "https://github.com/llm-d/llm-d-router (pkg/epp/metrics), https://gateway-api-inference-extension.sigs.k8s.io/guides/metrics-and-observability/";

export const LLM_D_MODELS: ServingSystem = {
  name: "llm-d-models",
  subject: "model",
  documentation: PICKER_DOCUMENTATION,
  heartbeat: picker("request_total", "inference_objective_request_total", "inference_model_request_total"),
  activity: picker("request_total", "inference_objective_request_total", "inference_model_request_total"),
  readings: [
    {
      signal: "arrivalRate",
      kind: "counter",
      metrics: picker("request_total", "inference_objective_request_total", "inference_model_request_total"),
    },
    {
      signal: "flowControlQueue",
      kind: "gauge",
      metrics: picker("flow_control_queue_size", "inference_extension_flow_control_queue_size"),
    },
  ],
};

export const LLM_D_POOLS: ServingSystem = {
  name: "llm-d-pools",
  subject: "inferencePool",
  documentation: PICKER_DOCUMENTATION,
  heartbeat: [...picker("ready_endpoints"), "inference_pool_ready_pods"],
  activity: [],
  readings: [
    {
      signal: "flowControlQueue",
      kind: "gauge",
      metrics: picker("flow_control_queue_size", "inference_extension_flow_control_queue_size"),
    },
    {
      signal: "kvCacheUtilization",
      kind: "gauge",
      metrics: picker("average_kv_cache_utilization", "inference_pool_average_kv_cache_utilization"),
      within: "avg",
    },
  ],
};

export const DCGM: ServingSystem = {
  name: "dcgm",
  subject: "pod",
  documentation: "https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html",
  heartbeat: ["DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_FB_USED"],
  activity: [],
  readings: [
    {
      signal: "acceleratorUtilization",
      kind: "gauge",
      metrics: ["DCGM_FI_DEV_GPU_UTIL"],
      scale: PERCENT,
      within: "avg",
    },
    { signal: "acceleratorMemoryUsed", kind: "gauge", metrics: ["DCGM_FI_DEV_FB_USED"], scale: MIB },
    { signal: "acceleratorMemoryUtilization", part: "numerator", kind: "gauge", metrics: ["DCGM_FI_DEV_FB_USED"] },
    { signal: "acceleratorMemoryUtilization", part: "denominator", kind: "gauge", metrics: ["DCGM_FI_DEV_FB_USED"] },
    { signal: "acceleratorMemoryUtilization", part: "denominator", kind: "gauge", metrics: ["DCGM_FI_DEV_FB_FREE"] },
  ],
};

/** From cAdvisor in a Prometheus, or from the metrics API of the cluster. */
export const KUBERNETES: ServingSystem = {
  name: "kubernetes",
  subject: "pod",
  documentation: "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md",
  heartbeat: ["container_memory_working_set_bytes"],
  activity: [],
  readings: [
    // Without a container it is the sum of the pod, once more.
    {
      signal: "cpu",
      kind: "counter",
      metrics: ["container_cpu_usage_seconds_total"],
      where: [["container", "!=", ""]],
    },
    {
      signal: "memory",
      kind: "gauge",
      metrics: ["container_memory_working_set_bytes"],
      where: [["container", "!=", ""]],
    },
  ],
};

export const RABBITMQ: ServingSystem = {
  name: "rabbitmq",
  subject: "queue",
  documentation: "https://www.rabbitmq.com/docs/prometheus",
  heartbeat: ["rabbitmq_detailed_queue_messages", "rabbitmq_queue_messages"],
  activity: [],
  readings: [
    {
      signal: "queueLength",
      kind: "gauge",
      metrics: ["rabbitmq_detailed_queue_messages", "rabbitmq_queue_messages"],
    },
    {
      signal: "arrivalRate",
      kind: "counter",
      metrics: ["rabbitmq_detailed_queue_messages_published_total", "rabbitmq_queue_messages_published_total"],
    },
    {
      signal: "requestRate",
      kind: "counter",
      metrics: ["rabbitmq_detailed_queue_messages_acked_total", "rabbitmq_queue_messages_acked_total"],
    },
  ],
};

export const CELERY: ServingSystem = {
  name: "celery",
  subject: "queue",
  documentation: "https://github.com/danihodovic/celery-exporter",
  heartbeat: ["celery_queue_length"],
  activity: ["celery_task_succeeded_total"],
  readings: [
    { signal: "queueLength", kind: "gauge", metrics: ["celery_queue_length"] },
    { signal: "arrivalRate", kind: "counter", metrics: ["celery_task_sent_total"] },
    { signal: "requestRate", kind: "counter", metrics: ["celery_task_succeeded_total"] },
    { signal: "e2e", kind: "histogram", metrics: ["celery_task_runtime"], scale: 1000 },
  ],
};

const SQS_VISIBLE = [
  "aws_sqs_approximate_number_of_messages_visible_average",
  "aws_sqs_approximate_number_of_messages_visible_maximum",
  "sqs_approximatenumberofmessages",
];

export const SQS: ServingSystem = {
  name: "sqs",
  subject: "queue",
  documentation:
    "https://github.com/prometheus-community/yet-another-cloudwatch-exporter, https://github.com/prometheus/cloudwatch_exporter",
  heartbeat: SQS_VISIBLE,
  activity: [],
  readings: [{ signal: "queueLength", kind: "gauge", metrics: SQS_VISIBLE, within: "max" }],
  delayMs: 600_000,
};

export const KAFKA: ServingSystem = {
  name: "kafka",
  subject: "consumerGroup",
  documentation: "https://github.com/danielqsj/kafka_exporter",
  heartbeat: ["kafka_consumergroup_lag"],
  activity: ["kafka_consumergroup_current_offset"],
  readings: [
    { signal: "inferenceLag", kind: "gauge", metrics: ["kafka_consumergroup_lag"] },
    { signal: "requestRate", kind: "counter", metrics: ["kafka_consumergroup_current_offset"] },
  ],
};
