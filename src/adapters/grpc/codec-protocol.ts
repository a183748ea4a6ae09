import type { Piece } from "@apportion/solver";
import type { CodecJob } from "./codec.ts";

/**
 * Between the service and its codec thread, one job at a time. Plan and answer cross in pieces, each asked for with `next` by the side
 * that takes them, so that neither side is kept for longer than one piece; `last` follows the last one.
 */
export type ToCodec = { kind: "job"; job: CodecJob } | Pieces;
export type FromCodec = { kind: "failed"; name: string; message: string; stack: string | undefined } | Pieces;

type Pieces = { kind: "next" } | { kind: "piece"; piece: Piece } | { kind: "last" };
