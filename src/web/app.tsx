import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { token } from "./api/client.ts";
import { connection, follow, plans, status } from "./api/live.ts";
import { now } from "./now.ts";
import { decimal, gap, since, word } from "./parts/format.ts";
import { FleetView } from "./views/fleet.tsx";
import { OverridesView } from "./views/overrides.tsx";
import { PlanView } from "./views/plan.tsx";
import { SourcesView } from "./views/sources.tsx";
import { TimelineView } from "./views/timeline.tsx";
import { WhatIfView } from "./views/whatif.tsx";
import { WorkloadsView } from "./views/workloads.tsx";

const VIEWS: readonly { path: string; title: string; view: ComponentType }[] = [
  { path: "fleet", title: "Fleet", view: FleetView },
  { path: "workloads", title: "Workloads", view: WorkloadsView },
  { path: "plan", title: "Plan", view: PlanView },
  { path: "timeline", title: "Timeline", view: TimelineView },
  { path: "whatif", title: "What if", view: WhatIfView },
  { path: "overrides", title: "Overrides", view: OverridesView },
  { path: "sources", title: "Sources", view: SourcesView },
];

const here = (): string => location.hash.slice(1).split("?")[0]!;
const path = signal(here());
addEventListener("hashchange", () => {
  path.value = here();
});

export function App() {
  const current = VIEWS.find((view) => view.path === path.value) ?? VIEWS[0]!;
  const View = current.view;
  return (
    <>
      <a class="skip" href={`#${current.path}`} onClick={() => document.getElementById("main")?.focus()}>
        Skip to content
      </a>
      <header>
        <h1>Apportion</h1>
        <nav aria-label="Views">
          {VIEWS.map(({ path: to, title }) => (
            <a key={to} href={`#${to}`} aria-current={to === current.path ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Headline />
      </header>
      <Banner />
      <main id="main" tabIndex={-1} aria-label={current.title}>
        <View />
      </main>
    </>
  );
}

/** The present plan in a line. */
function Headline() {
  const plan = status.value?.plan;
  if (plan?.plan === undefined) return null;
  const cost = plan.plan.objective?.primal ?? 0;
  return (
    <p class="headline">
      <span>plan {plan.revision}</span>
      <span class="tag">{word(plan.mode, "MODE_")}</span>
      <span>cost {decimal(cost)}/h</span>
      <span title="distance from the proved bound">{gap(plan.plan.objective?.gap ?? 0)}</span>
      <span>{since(plans.value[0]?.plannedAt ?? plan.plannedAt, now.value)} ago</span>
    </p>
  );
}

/** What somebody has to know before anything else. */
function Banner() {
  const state = connection.value;
  const plan = status.value?.plan;
  return (
    <div aria-live="polite">
      {state.state === "connecting" && <p class="banner">Connecting …</p>}
      {state.state === "waiting" && <p class="banner">Waiting: {state.why}</p>}
      {state.state === "lost" && (
        <p class="banner bad">Not live: {state.why}. What is shown is what was last known; it is asked again.</p>
      )}
      {state.state === "refused" && <Token why={state.why} />}
      {plan !== undefined && plan.heldBecause !== "" && (
        <p class="banner warn">The last good plan is held. {plan.heldBecause}</p>
      )}
      {plan?.proposedRevision !== undefined && (
        <p class="banner warn">
          Plan {plan.proposedRevision} waits for approval. <a href="#overrides">Decide</a>
        </p>
      )}
      {status.value?.warnings.map((warning) => (
        <p key={warning} class="banner warn">
          {warning}
        </p>
      ))}
    </div>
  );
}

function Token({ why }: { why: string }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("token") as HTMLInputElement;
    token.set(field.value.trim());
    connection.value = { state: "connecting" };
    void follow(new AbortController().signal);
  };
  return (
    <form class="banner bad" onSubmit={submit}>
      <p>The service refuses this page: {why}</p>
      <label>
        Bearer token <input name="token" type="password" autocomplete="off" required />
      </label>
      <button type="submit">Use it in this tab</button>
    </form>
  );
}
