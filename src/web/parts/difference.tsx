import type { DifferenceJson, PlanJson } from "../api/types.ts";
import { decimal, percent } from "./format.ts";

type Compared = Pick<DifferenceJson, "attainments" | "replicas" | "costPerHourBefore" | "costPerHourAfter">;

/** Two plans side by side: money first, then who gains or loses, then what it takes. */
export function Difference({ difference }: { difference: Compared }) {
  const { attainments, replicas, costPerHourBefore: before, costPerHourAfter: after } = difference;
  const worst = [...attainments].sort((a, b) => a.after - a.before - (b.after - b.before));
  const lost = worst.filter((entry) => entry.after < entry.before).length;
  return (
    <div class="difference">
      <p>
        Cost {decimal(before)}/h → <strong>{decimal(after)}/h</strong> ({after >= before ? "+" : "−"}
        {decimal(Math.abs(after - before))}). {lost === 0 ? "Nobody is served less." : `${lost} served less.`}{" "}
        {attainments.length - lost === 0 ? "" : `${attainments.length - lost} served more.`}
      </p>
      <div class="columns">
        <Changes
          title="Served"
          rows={worst.map(({ workload, before: from, after: to }) => [workload, percent(from), percent(to)])}
        />
        <Changes
          title="Replicas"
          rows={replicas.map(({ variant, before: from, after: to }) => [variant, String(from), String(to)])}
        />
      </div>
    </div>
  );
}

const MOST = 50;

function Changes({ title, rows }: { title: string; rows: [string, string, string][] }) {
  if (rows.length === 0) return <p class="empty">{title}: no change.</p>;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col" class="number">
              now
            </th>
            <th scope="col" class="number">
              then
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map(([name, before, after]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{before}</td>
              <td class="number">
                <strong>{after}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST && <p class="note">and {rows.length - MOST} more</p>}
    </div>
  );
}

const SAME = 1e-9;

/** What is different between two plans. */
export function differenceOf(before: PlanJson, after: PlanJson): Compared {
  const attained = new Map(before.workloads.map(({ name, attainment }) => [name, attainment]));
  const counted = counts(before);
  const [costPerHourBefore, costPerHourAfter] = [before.objective?.primal ?? 0, after.objective?.primal ?? 0];
  return {
    costPerHourBefore,
    costPerHourAfter,
    attainments: after.workloads
      .map(({ name, attainment }) => ({ workload: name, before: attained.get(name) ?? 0, after: attainment }))
      .filter((entry) => Math.abs(entry.after - entry.before) > SAME),
    replicas: [...counts(after)]
      .map(([variant, replicas]) => ({ variant, before: counted.get(variant) ?? 0, after: replicas }))
      .filter((entry) => entry.before !== entry.after),
  };
}

function counts({ workloads }: PlanJson): Map<string, number> {
  return new Map(workloads.flatMap(({ variants }) => variants.map(({ name, replicas }) => [name, replicas] as const)));
}
