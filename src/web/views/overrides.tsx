import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CallError, call } from "../api/client.ts";
import { overrides, plans, refresh, status } from "../api/live.ts";
import type { AuditJson, OverrideJson } from "../api/types.ts";
import { entered } from "../parts/form.ts";
import { clock, word } from "../parts/format.ts";
import { OverrideForm } from "./override-form.tsx";

const OVERRIDE = "apportion.v1.OverrideService";
const audit = signal<AuditJson[]>([]);
const failed = signal("");

export function OverridesView() {
  const revision = plans.value[0]?.revision;
  const set = overrides.value.length;
  // The trail may have grown with every plan and every override.
  useEffect(() => void readAudit(), [revision, set]);
  return (
    <>
      {failed.value !== "" && (
        <p role="alert" class="banner bad">
          {failed.value}
        </p>
      )}
      <Approval />
      <section aria-labelledby="in-force">
        <h2 id="in-force">In force</h2>
        {set === 0 ? <p class="empty">None.</p> : <InForce all={overrides.value} />}
      </section>
      <OverrideForm onSet={done} />
      <section aria-labelledby="audit">
        <h2 id="audit">Who did what, and why</h2>
        <Trail events={audit.value} />
      </section>
    </>
  );
}

async function readAudit(): Promise<void> {
  try {
    audit.value = (await call<{ events: AuditJson[] }>(`${OVERRIDE}/ListAuditEvents`, { limit: 100 })).events;
  } catch {
    // What was read before stays; the banner says that the service does not answer.
  }
}

async function done(): Promise<void> {
  await refresh();
  await readAudit();
}

async function carryOut(method: string, request: object): Promise<void> {
  failed.value = "";
  try {
    await call(`${OVERRIDE}/${method}`, request);
    await done();
  } catch (error) {
    failed.value = error instanceof CallError ? error.message : String(error);
  }
}

function Approval() {
  const plan = status.value?.plan;
  const proposed = plan?.proposedRevision;
  if (plan === undefined || proposed === undefined) return null;
  const approve = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [reason, author] = [entered(form, "reason"), entered(form, "author")];
    void carryOut("ApprovePlan", { revision: proposed, reason, author });
  };
  return (
    <section aria-labelledby="approval">
      <h2 id="approval">Plan {proposed} waits for approval</h2>
      <ol class="steps">
        {plan.steps.map((step) => (
          <li key={step}>{step.replace(/^\d+\. /, "")}</li>
        ))}
      </ol>
      <form class="controls" onSubmit={approve}>
        <label>
          Reason <input name="reason" required />
        </label>
        <label>
          Your name <input name="author" required autocomplete="username" />
        </label>
        <button type="submit">Approve plan {proposed}</button>
      </form>
    </section>
  );
}

function InForce({ all }: { all: readonly OverrideJson[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Of</th>
            <th scope="col">Why</th>
            <th scope="col">By</th>
            <th scope="col">Until</th>
            <th scope="col">Effect</th>
            <th scope="col">
              <span class="visually-hidden">Clear</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ id, spec, author, expiresAt, effect }) => (
            <tr key={id}>
              <th scope="row">
                {word(spec?.type ?? "", "OVERRIDE_TYPE_")} {spec?.replicas}
              </th>
              <td>{spec?.subject}</td>
              <td>{spec?.reason}</td>
              <td>{author}</td>
              <td>{expiresAt === undefined ? "it is cleared" : clock(expiresAt)}</td>
              <td>{effect}</td>
              <td>
                <button
                  type="button"
                  aria-label={`clear the override of ${spec?.subject}`}
                  onClick={() => void carryOut("ClearOverride", { id, reason: "cleared in the dashboard", author })}
                >
                  Clear
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Trail({ events }: { events: readonly AuditJson[] }) {
  if (events.length === 0) return <p class="empty">Nothing yet.</p>;
  return (
    <ol class="plans">
      {events.map((event) => (
        <li key={`${event.at} ${event.action} ${event.subject}`}>
          <span class="when">{clock(event.at)}</span> <strong>{event.actor}</strong>: {event.action}, {event.subject}
          <p class="note">
            {event.reason}. {event.effect}
          </p>
        </li>
      ))}
    </ol>
  );
}
