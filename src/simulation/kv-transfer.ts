import type { ContinuousProfile } from "../snapshot/continuous-profile.ts";

/** From the end of a prompt on a prefill replica until its KV cache is on the decode replica. */
export function kvTransferMs({ kvTransfer }: ContinuousProfile, inputTokens: number): number {
  return kvTransfer === undefined ? 0 : kvTransfer.baseMs + kvTransfer.perTokenMs * inputTokens;
}
