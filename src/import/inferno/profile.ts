import type { QueueingProfile } from "../../snapshot/profile.ts";
import type { InfernoModel, InfernoServer, InfernoSystem } from "./file.ts";

export type Dialect = QueueingProfile["dialect"];

/** Requests that may wait, as a multiple of the batch size, in D1 and D2. */
const QUEUE_TO_BATCH = 10;
/** Tokens that one iteration may compute in D3. The predecessor's default, which its files cannot change. */
const MAX_NUM_TOKENS = 8192;

/** The newest dialect that any entry has parameters for. */
export function dialectOf(system: InfernoSystem): Dialect | undefined {
  const dialects: Dialect[] = ["D3", "D2", "D1"];
  return dialects.find((dialect) => system.modelData.models.some((model) => isMeasured(model, dialect)));
}

/** Parameters that are all 0 mean that nothing was measured yet. */
export function isMeasured(model: InfernoModel, dialect: Dialect): boolean {
  return parametersOf(model, dialect).some((value) => value > 0);
}

function parametersOf(model: InfernoModel, dialect: Dialect): number[] {
  const { decodeParms, prefillParms, perfParms, serviceParms } = model;
  if (dialect === "D1") return [...Object.values(decodeParms ?? {}), ...Object.values(prefillParms ?? {})];
  return Object.values((dialect === "D2" ? serviceParms : perfParms) ?? {});
}

/** A server's own batch size, or the model's, which was measured at `atTokens` output tokens, scaled to the server's. */
function batchSizeOf(model: InfernoModel, server: InfernoServer): number {
  if (server.maxBatchSize > 0) return server.maxBatchSize;
  const { avgOutTokens } = server.currentAlloc.load;
  return Math.max(1, Math.floor((model.maxBatchSize * model.atTokens) / avgOutTokens));
}

/** The profile of one replica of a server on the model's accelerator. */
export function profileOf(model: InfernoModel, server: InfernoServer, dialect: Dialect): QueueingProfile {
  const maxBatchSize = batchSizeOf(model, server);
  if (dialect === "D1") {
    return {
      dialect,
      decodeAlphaMs: model.decodeParms?.alpha ?? 0,
      decodeBetaMs: model.decodeParms?.beta ?? 0,
      prefillGammaMs: model.prefillParms?.gamma ?? 0,
      prefillDeltaMs: model.prefillParms?.delta ?? 0,
      maxBatchSize,
      maxQueueSize: maxBatchSize * QUEUE_TO_BATCH,
    };
  }
  const parms = (dialect === "D2" ? model.serviceParms : model.perfParms) ?? { alpha: 0, beta: 0, gamma: 0 };
  const times = { alphaMs: parms.alpha, betaMs: parms.beta, gammaMs: parms.gamma, maxBatchSize };
  return dialect === "D2"
    ? { dialect, ...times, maxQueueSize: maxBatchSize * QUEUE_TO_BATCH }
    : { dialect, ...times, maxQueueSize: server.maxQueueSize, maxNumTokens: MAX_NUM_TOKENS };
}

/**
 * Requests per second that the predecessor ascribes to a replica of a server without load, whatever its SLO: batch size over the
 * time of one prefill and one decode step of a full batch. Nothing is served at that rate; floors of such servers go by it.
 */
export function zeroLoadRate(model: InfernoModel, server: InfernoServer, dialect: Dialect): number {
  const batch = server.maxBatchSize > 0 ? server.maxBatchSize : Math.max(1, model.maxBatchSize);
  return (batch / fullBatchStepMs(model, batch, dialect)) * 1000;
}

function fullBatchStepMs(model: InfernoModel, batch: number, dialect: Dialect): number {
  if (dialect === "D1") {
    const decode = (model.decodeParms?.alpha ?? 0) + (model.decodeParms?.beta ?? 0) * batch;
    return decode + (model.prefillParms?.gamma ?? 0) + (model.prefillParms?.delta ?? 0);
  }
  const parms = (dialect === "D2" ? model.serviceParms : model.perfParms) ?? { alpha: 0, beta: 0, gamma: 0 };
  const prefill = parms.alpha + parms.beta + parms.gamma * batch;
  return prefill + parms.alpha + parms.beta * batch;
}
