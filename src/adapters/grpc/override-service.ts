import type { OverrideServiceServer } from "../../gen/apportion/v1/override.ts";
import type { Live } from "../../ports/live.ts";
import { answer } from "./answer.ts";
import { authorOf, callerOf } from "./auth.ts";
import { cancelled, type LiveCallsDeps } from "./live-calls.ts";
import { NoFleetError } from "./no-fleet-error.ts";
import { auditMessage, overrideMessage, readOverride } from "./override-messages.ts";

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 1000;

/** The handlers of `apportion.v1.OverrideService`. */
export function overrideService({ live, gate, log, stopping }: LiveCallsDeps): OverrideServiceServer {
  const fleet = (): Live => {
    if (live === undefined) throw new NoFleetError();
    return live;
  };
  return {
    previewOverride: (call, callback) =>
      answer(log, "PreviewOverride", callback, async () => {
        const spec = readOverride(call.request.spec, callerOf(call)?.name);
        const signal = cancelled(call, stopping);
        return gate.run(() => fleet().previewOverride(spec, signal), signal);
      }),
    setOverride: (call, callback) =>
      answer(log, "SetOverride", callback, async () => {
        const spec = readOverride(call.request.spec, callerOf(call)?.name);
        return { override: overrideMessage(await fleet().setOverride(spec)) };
      }),
    clearOverride: (call, callback) =>
      answer(log, "ClearOverride", callback, async () => {
        const { id, reason, author } = call.request;
        await fleet().clearOverride(id, reason, authorOf(call, author));
        return {};
      }),
    listOverrides: (_call, callback) =>
      answer(log, "ListOverrides", callback, async () => ({
        overrides: (await fleet().listOverrides()).map(overrideMessage),
      })),
    listAuditEvents: (call, callback) =>
      answer(log, "ListAuditEvents", callback, async () => {
        const limit = Math.min(MAX_EVENTS, call.request.limit > 0 ? call.request.limit : DEFAULT_EVENTS);
        return { events: (await fleet().auditEvents(limit)).map(auditMessage) };
      }),
    approvePlan: (call, callback) =>
      answer(log, "ApprovePlan", callback, async () => {
        const { revision, reason, author } = call.request;
        await fleet().approve(Number(revision), reason, authorOf(call, author));
        return {};
      }),
  };
}
