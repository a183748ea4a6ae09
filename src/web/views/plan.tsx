import { status } from "../api/live.ts";
import type { PlanJson, PoolRowJson } from "../api/types.ts";
import { decimal, gap, percent, word } from "../parts/format.ts";

export function PlanView() {
  const live = status.value?.plan;
  if (live?.plan === undefined) return <p class="empty">No plan yet.</p>;
  const { plan } = live;
  return (
    <>
      <section aria-labelledby="steps">
        <h2 id="steps">What changes, in this order</h2>
        {live.steps.length === 0 ? (
          <p class="empty">Nothing: what runs is the plan.</p>
        ) : (
          <ol class="steps">
            {live.steps.map((step) => (
              <li key={step}>{step.replace(/^\d+\. /, "")}</li>
            ))}
          </ol>
        )}
      </section>
      <Proof plan={plan} />
      <Classes plan={plan} />
      <Prices plan={plan} />
      <Short plan={plan} />
      <Conflicts plan={plan} />
    </>
  );
}

function Proof({ plan }: { plan: PlanJson }) {
  const { objective } = plan;
  if (objective === undefined) return null;
  return (
    <section aria-labelledby="proof">
      <h2 id="proof">How good it is</h2>
      <p>
        <strong>{word(plan.status, "PLAN_STATUS_")}</strong>: cost {decimal(objective.primal)} per hour.{" "}
        {objective.bound > 0
          ? `No plan that serves as much costs less than ${decimal(objective.bound)} (${gap(objective.gap)}).`
          : "Nothing is proved of the cost yet: the classes took all the time."}{" "}
        Found by {plan.engine} in {decimal(plan.elapsedMs)} ms
        {plan.stoppedAt === undefined ? "." : `; time ended it at ${plan.stoppedAt}.`}
      </p>
    </section>
  );
}

function Classes({ plan }: { plan: PlanJson }) {
  return (
    <section aria-labelledby="classes">
      <h2 id="classes">Classes</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Priority</th>
              <th scope="col">Rule</th>
              <th scope="col" class="number">
                Everybody gets at least
              </th>
              <th scope="col" class="number">
                No plan gives more than
              </th>
              <th scope="col">First rung that not all reach</th>
            </tr>
          </thead>
          <tbody>
            {plan.classes.map((report) => {
              const missed = report.ladder.find(({ reached }) => reached > 1e-9);
              return (
                <tr key={report.priority}>
                  <th scope="row">{report.priority}</th>
                  <td>{word(report.rule, "RULE_")}</td>
                  <td class="number">{percent(report.level)}</td>
                  <td class="number">{percent(report.levelBound)}</td>
                  <td>
                    {missed === undefined
                      ? "none"
                      : `${percent(missed.rung)}: weight ${decimal(missed.reached)} below, at least ${decimal(missed.bound)} in any plan`}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface Priced {
  pool: string;
  row: PoolRowJson;
}

/** What one more device would be worth: those that matter most first, attainment before money. */
function Prices({ plan }: { plan: PlanJson }) {
  const rows = plan.pools.flatMap(({ name, rows: own }): Priced[] => own.map((row) => ({ pool: name, row })));
  const priced = rows
    .filter(({ row }) => row.shadowPrice > 0)
    .sort((a, b) => rank(a) - rank(b) || b.row.shadowPrice - a.row.shadowPrice);
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">What to buy next</h2>
      {priced.length === 0 ? (
        <p class="empty">
          {plan.workloads.some(({ reason }) => reason !== undefined)
            ? "No room has a price in this plan. Ask What if what more nodes would change."
            : "Nothing: no pool limits the plan."}
        </p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Pool</th>
                <th scope="col">Room for replicas of</th>
                <th scope="col" class="number">
                  Used
                </th>
                <th scope="col" class="number">
                  One more is worth
                </th>
              </tr>
            </thead>
            <tbody>
              {priced.slice(0, 20).map(({ pool, row }) => (
                <tr key={`${pool} ${row.size}`}>
                  <th scope="row">{pool}</th>
                  <td>{row.size === 0 ? "any size" : `${row.size} devices`}</td>
                  <td class="number">
                    {decimal(row.used)} of {decimal(row.capacity)}
                  </td>
                  <td class="number">{worth(row)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const rank = ({ row }: Priced): number => (row.shadowPriceUnit === "SHADOW_PRICE_UNIT_ATTAINMENT" ? 0 : 1);

function worth({ shadowPrice, shadowPriceUnit }: PoolRowJson): string {
  const value = decimal(shadowPrice);
  return shadowPriceUnit === "SHADOW_PRICE_UNIT_ATTAINMENT" ? `${value} attainment` : `${value} per hour`;
}

function Short({ plan }: { plan: PlanJson }) {
  const short = plan.workloads.filter(({ reason }) => reason !== undefined);
  if (short.length === 0) return null;
  return (
    <section aria-labelledby="short">
      <h2 id="short">Who gets less than it asks for, and why</h2>
      <dl class="reasons">
        {short.slice(0, 100).map(({ name, attainment, reason }) => (
          <div key={name}>
            <dt>
              {name} <span class="tag">{percent(attainment)}</span>
            </dt>
            <dd>{reason?.sentence}</dd>
          </div>
        ))}
      </dl>
      {short.length > 100 && <p class="note">and {short.length - 100} more; see Workloads</p>}
    </section>
  );
}

function Conflicts({ plan }: { plan: PlanJson }) {
  if (plan.conflicts.length === 0) return null;
  return (
    <section aria-labelledby="conflicts">
      <h2 id="conflicts">Floors that do not fit</h2>
      <ul>
        {plan.conflicts.map((conflict) => (
          <li key={`${conflict.rule} ${conflict.pool} ${conflict.workloads.join()}`}>
            {word(conflict.rule, "CONFLICT_RULE_")} in {conflict.pool || "all pools"}: {decimal(conflict.asked)} asked,{" "}
            {decimal(conflict.available)} available ({[...conflict.workloads, ...conflict.variants].join(", ")})
          </li>
        ))}
      </ul>
    </section>
  );
}
