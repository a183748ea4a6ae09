import { plans } from "../api/live.ts";
import type { SummaryJson } from "../api/types.ts";
import { Chart, type Line } from "../parts/chart.tsx";
import { clock, decimal, gap, percent, shortName } from "../parts/format.ts";

const CLASS_COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

export function TimelineView() {
  const newest = plans.value;
  if (newest.length === 0) return <p class="empty">No plan yet.</p>;
  const oldest = [...newest].reverse();
  const times = oldest.map(({ plannedAt }) => Date.parse(plannedAt ?? "") / 1000);
  const priorities = [...new Set(oldest.flatMap(({ classes }) => classes.map(({ priority }) => priority)))].sort(
    (a, b) => a - b,
  );
  return (
    <>
      <section aria-labelledby="served">
        <h2 id="served">Lowest attainment of each class</h2>
        <Chart
          label="lowest attainment of each class over time; the table below has the numbers"
          times={times}
          lines={priorities.map(
            (priority, i): Line => ({
              label: `priority ${priority}`,
              color: CLASS_COLORS[i % CLASS_COLORS.length]!,
              values: oldest.map(({ classes }) => classes.find((entry) => entry.priority === priority)?.lowest ?? null),
            }),
          )}
          unit={percent}
          range={[0, 1.02]}
        />
      </section>
      <div class="columns">
        <section aria-labelledby="replicas">
          <h2 id="replicas">Replicas</h2>
          <Chart
            label="replicas that are ready and that are asked for, over time"
            times={times}
            lines={[
              {
                label: "asked for",
                color: "#e69f00",
                values: oldest.map((plan) => plan.desiredReplicas),
                dash: [6, 4],
              },
              { label: "ready", color: "#0072b2", values: oldest.map((plan) => plan.readyReplicas) },
            ]}
            unit={decimal}
          />
        </section>
        <section aria-labelledby="cost">
          <h2 id="cost">Cost per hour</h2>
          <Chart
            label="cost per hour of the plan, over time"
            times={times}
            lines={[{ label: "cost", color: "#009e73", values: oldest.map((plan) => plan.costPerHour) }]}
            unit={decimal}
          />
        </section>
      </div>
      <section aria-labelledby="plans">
        <h2 id="plans">Plans</h2>
        <ol class="plans">
          {newest.slice(0, 100).map((plan) => (
            <Entry key={plan.revision} plan={plan} />
          ))}
        </ol>
      </section>
    </>
  );
}

function Entry({ plan }: { plan: SummaryJson }) {
  const changes = plan.changes.map(({ variant, from, to }) => `${shortName(variant)} ${from} → ${to}`);
  return (
    <li>
      <span class="when">{clock(plan.plannedAt)}</span> <strong>plan {plan.revision}</strong>{" "}
      <span class={plan.status === "held" ? "tag warn" : "tag"}>{plan.status}</span> cost {decimal(plan.costPerHour)}/h,{" "}
      {gap(plan.gap)}
      {plan.heldBecause !== "" && <p class="note warn">{plan.heldBecause}</p>}
      <p class="note">{changes.length === 0 ? "no change" : changes.join(", ")}</p>
    </li>
  );
}
