export interface JsonRequest {
  /** `apportion.v1.PlacementService/GetPlan` */
  method: string;
  /** The request message in the JSON form of protobuf. */
  body: string;
  /** Value of the `authorization` header, where there is one. */
  authorization?: string;
  signal: AbortSignal;
}

/** The calls of the gRPC service in the JSON form of protobuf. */
export interface JsonCalls {
  /** `undefined`: there is no such method, or it takes a stream. */
  kindOf(method: string): "unary" | "stream" | undefined;
  /** The response. @throws JsonCallError */
  unary(request: JsonRequest): Promise<string>;
  /**
   * Hands over every message; the next one comes when `onMessage` has resolved.
   *
   * @throws JsonCallError
   */
  stream(request: JsonRequest, onMessage: (message: string) => Promise<void>): Promise<void>;
  close(): void;
}
