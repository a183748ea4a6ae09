/** The codec thread of the gRPC service: reads, checks and writes large messages. */
import { readDocumentText } from "../adapters/files/document-text.ts";
import { serveCodec } from "../adapters/grpc/codec-worker.ts";
import { inProcessPlacement } from "../app/placement.ts";

serveCodec(inProcessPlacement(readDocumentText));
