import {
  PlacementServiceService,
  SolveRequest,
  SolveResponse,
  SolveStreamRequest,
  SolveStreamResponse,
  VerifyRequest,
  VerifyResponse,
} from "../../gen/apportion/v1/placement.ts";
import { LARGE_REQUEST_BYTES } from "./limits.ts";

/** A message, or its bytes where it is large: those are decoded and encoded in another thread. */
export type OrBytes<Message> = Message | Buffer;

interface Codec<Message> {
  decode(bytes: Uint8Array): Message;
  encode(message: Message): { finish(): Uint8Array };
}

function requestOf<Message>(codec: Codec<Message>) {
  return (bytes: Buffer): OrBytes<Message> => (bytes.length > LARGE_REQUEST_BYTES ? bytes : codec.decode(bytes));
}

function bytesOf<Message>(codec: Codec<Message>) {
  return (message: OrBytes<Message>): Buffer =>
    Buffer.isBuffer(message) ? message : Buffer.from(codec.encode(message as Message).finish());
}

/** `apportion.v1.PlacementService` as the server speaks it. */
export const placementDefinition = {
  ...PlacementServiceService,
  solve: {
    ...PlacementServiceService.solve,
    requestDeserialize: requestOf(SolveRequest),
    responseSerialize: bytesOf(SolveResponse),
  },
  solveStream: {
    ...PlacementServiceService.solveStream,
    requestDeserialize: requestOf(SolveStreamRequest),
    responseSerialize: bytesOf(SolveStreamResponse),
  },
  verify: {
    ...PlacementServiceService.verify,
    requestDeserialize: requestOf(VerifyRequest),
    responseSerialize: bytesOf(VerifyResponse),
  },
};
