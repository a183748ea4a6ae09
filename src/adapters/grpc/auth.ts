import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import type { Access, Credentials, Identity, Right } from "../../ports/access.ts";
import type { Log } from "../../ports/log.ts";
import { credentialsOf } from "./auth-credentials.ts";
import { rightOf } from "./auth-rights.ts";
import { CallError } from "./call-error.ts";

/** A stream lasts longer than a right may: it is asked for again this often. */
const RECHECK_MS = 60_000;

const identities = new WeakMap<Metadata, Identity>();

/** Who makes a call; undefined where the service asks nobody. No client can set it: it is not part of what is sent. */
export function callerOf(call: { metadata: Metadata }): Identity | undefined {
  return identities.get(call.metadata);
}

/** Whoever was authenticated, whatever the message says. @throws CallError INVALID_ARGUMENT where nobody is named */
export function authorOf(call: { metadata: Metadata }, said: string): string {
  const author = callerOf(call)?.name ?? said;
  if (author.trim().length > 0) return author;
  throw new CallError(status.INVALID_ARGUMENT, "author: not set; say who decides");
}

/**
 * Lets only those call who may. Everybody else gets UNAUTHENTICATED or PERMISSION_DENIED with what to do about it;
 * UNAVAILABLE where it cannot be told who calls. The token goes no further than this.
 */
export function authInterceptor(access: Access, log: Log, recheckMs: number = RECHECK_MS): ServerInterceptor {
  return (method, call) => {
    const right = rightOf(method.path);
    if (right === "open") return new ServerInterceptingCall(call);
    let ended = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      ended = true;
      clearInterval(timer);
    };
    const refuse = (failure: CallError, caller: string | undefined): void => {
      if (ended) return;
      end();
      log.warn({ method: method.path, code: status[failure.code], caller }, "call refused");
      call.sendStatus({ code: failure.code, details: failure.details });
    };
    const recheck = (credentials: Credentials, needed: Right): void => {
      timer = setInterval(async () => {
        const result = await admit(access, credentials, needed);
        // Where it cannot be told at present, the stream keeps what it was given.
        if (!result.ok && result.failure.code !== status.UNAVAILABLE) refuse(result.failure, result.caller);
      }, recheckMs);
      timer.unref();
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: async (metadata, pass) => {
            if (right === undefined) return refuse(nobodyMay(method.path), undefined);
            const credentials = credentialsOf(metadata, call.getAuthContext().sslPeerCertificate);
            metadata.remove("authorization");
            const result = await admit(access, credentials, right);
            if (!result.ok) return refuse(result.failure, result.caller);
            if (ended) return;
            identities.set(metadata, result.identity);
            if (method.requestStream || method.responseStream) recheck(credentials, right);
            pass(metadata);
          },
          onCancel: end,
        }),
      sendStatus: (outcome, next) => {
        end();
        next(outcome);
      },
    });
  };
}

type Admission = { ok: true; identity: Identity } | { ok: false; failure: CallError; caller?: string };

/** Never rejects. */
async function admit(access: Access, credentials: Credentials, right: Right): Promise<Admission> {
  try {
    const identity = await access.authenticate(credentials);
    if (identity === undefined) return { ok: false, failure: unknownCaller(access, credentials) };
    if (await access.authorize(identity, right)) return { ok: true, identity };
    const text = `${identity.name} may not ${right}; ${access.fix(identity, right)}`;
    return { ok: false, failure: new CallError(status.PERMISSION_DENIED, text), caller: identity.name };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, failure: new CallError(status.UNAVAILABLE, `it cannot be told who calls: ${why}; try again`) };
  }
}

function unknownCaller(access: Access, { bearerToken, certificate }: Credentials): CallError {
  const shown = [bearerToken && "the token", certificate && "the certificate"].filter(Boolean).join(" and ");
  const what = shown === "" ? "the call does not say who makes it" : `${shown} proves nothing here`;
  return new CallError(status.UNAUTHENTICATED, `${what}; show ${access.howTo}`);
}

function nobodyMay(path: string): CallError {
  return new CallError(status.PERMISSION_DENIED, `${path} has no right that allows it; report this as a defect`);
}
