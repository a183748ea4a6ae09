/** A call that the service refused or that did not reach it. */
export class CallError extends Error {
  /** `unavailable`, `invalid_argument`, `unauthenticated`, …; `unreachable` where nobody answered. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "CallError";
    this.code = code;
  }
}

const TOKEN = "apportion-token";

/** Kept for this tab alone. */
export const token = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
};

/** A unary call: `apportion.v1.Service/Method`. @throws CallError */
export async function call<Response>(method: string, request: object = {}, signal?: AbortSignal): Promise<Response> {
  const response = await send(method, request, signal);
  const text = await response.text();
  if (!response.ok) throw errorOf(response.status, text);
  return JSON.parse(text) as Response;
}

/** A stream of messages; ends where the service ends it. @throws CallError */
export async function* stream<Message>(method: string, request: object, signal: AbortSignal): AsyncGenerator<Message> {
  const response = await send(method, request, signal);
  if (!response.ok || response.body === null) throw errorOf(response.status, await response.text());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield messageOf<Message>(line);
  }
}

function messageOf<Message>(line: string): Message {
  const message = JSON.parse(line) as Message & { error?: { code: string; message: string } };
  if (message.error !== undefined) throw new CallError(message.error.code, message.error.message);
  return message;
}

async function send(method: string, request: object, signal?: AbortSignal): Promise<Response> {
  const bearer = token.get();
  const headers = {
    "content-type": "application/json",
    ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
  };
  const init = { method: "POST", headers, body: JSON.stringify(request), ...(signal !== undefined && { signal }) };
  try {
    return await fetch(`/${method}`, init);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new CallError("unreachable", "the service does not answer");
  }
}

function errorOf(status: number, text: string): CallError {
  try {
    const { code, message } = JSON.parse(text) as { code: string; message: string };
    return new CallError(code, message);
  } catch {
    return new CallError("unreachable", `the service answers ${status}`);
  }
}
