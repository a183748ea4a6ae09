import { CELERY, DCGM, KAFKA, KUBERNETES, LLM_D_MODELS, LLM_D_POOLS, RABBITMQ, SQS } from "./around-servers.ts";
import { SGLANG, TENSORRT_LLM, TGI, VLLM } from "./llm-servers.ts";
import { KSERVE, SELDON, TF_SERVING, TORCH_SERVE, TRITON, TRITON_TENSORRT_LLM } from "./model-servers.ts";
import type { LabelNames, ServingSystem } from "./types.ts";

/** Where two systems say the same signal equally well, the earlier one counts. */
export const SYSTEMS: readonly ServingSystem[] = [
  LLM_D_MODELS,
  LLM_D_POOLS,
  VLLM,
  SGLANG,
  TGI,
  TENSORRT_LLM,
  TRITON,
  TRITON_TENSORRT_LLM,
  TF_SERVING,
  TORCH_SERVE,
  KSERVE,
  SELDON,
  RABBITMQ,
  CELERY,
  SQS,
  KAFKA,
  DCGM,
  KUBERNETES,
];

/** An exporter that speaks of other pods is scraped into `exported_pod`, beside its own `pod`, unless its labels are honored. */
export const LABEL_NAMES: LabelNames = {
  namespace: ["exported_namespace", "namespace"],
  pod: ["exported_pod", "pod"],
  model: ["model_name", "model"],
  queue: ["queue", "queue_name", "dimension_QueueName"],
  inferencePool: ["inference_pool", "name"],
  consumerGroup: ["consumergroup"],
};
