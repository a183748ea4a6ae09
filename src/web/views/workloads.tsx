import { signal } from "@preact/signals";
import { fleet, status } from "../api/live.ts";
import type { VariantJson, WorkloadJson } from "../api/types.ts";
import { Attainment } from "../parts/bar.tsx";
import { decimal, shortName } from "../parts/format.ts";

const filter = signal("");
const onlyShort = signal(false);
const opened = signal<ReadonlySet<string>>(new Set());
/** Rows beyond are shown on demand: a page of thousands is no help to anybody. */
const STEP = 200;
const most = signal(STEP);

export function WorkloadsView() {
  const all = fleet.value?.workloads ?? [];
  const wanted = filter.value.trim().toLowerCase();
  const found = all.filter(
    (workload) =>
      (wanted === "" || workload.name.toLowerCase().includes(wanted) || workload.serviceClass.includes(wanted)) &&
      (!onlyShort.value || workload.attainment < 1 - 1e-9),
  );
  const shown = found.slice(0, most.value);
  const classes = Map.groupBy(shown, ({ priority }) => priority);
  return (
    <>
      <search class="controls">
        <label>
          Find{" "}
          <input
            type="search"
            value={filter.value}
            onInput={(event) => {
              filter.value = event.currentTarget.value;
              most.value = STEP;
            }}
          />
        </label>
        <label>
          <input
            type="checkbox"
            checked={onlyShort.value}
            onChange={(event) => {
              onlyShort.value = event.currentTarget.checked;
            }}
          />{" "}
          only those that are short
        </label>
        <output>
          {found.length} of {all.length}
        </output>
      </search>
      {[...classes]
        .sort(([a], [b]) => a - b)
        .map(([priority, members]) => (
          <ClassTable key={priority} priority={priority} members={members} />
        ))}
      {found.length > shown.length && (
        <button
          type="button"
          onClick={() => {
            most.value += STEP;
          }}
        >
          Show {Math.min(STEP, found.length - shown.length)} more
        </button>
      )}
      {found.length === 0 && <p class="empty">No workload is like that.</p>}
    </>
  );
}

function ClassTable({ priority, members }: { priority: number; members: WorkloadJson[] }) {
  const id = `class-${priority}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        Priority {priority} <small>{members[0]?.serviceClass}</small>
      </h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Workload</th>
              <th scope="col">Served</th>
              <th scope="col" class="number">
                Demand/s
              </th>
              <th scope="col" class="number">
                Planned for/s
              </th>
              <th scope="col" class="number">
                Ready capacity/s
              </th>
              <th scope="col">Targets</th>
              <th scope="col" class="number">
                Weight
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map((workload) => (
              <Workload key={workload.name} workload={workload} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Workload({ workload }: { workload: WorkloadJson }) {
  const open = opened.value.has(workload.name);
  const toggle = (): void => {
    const next = new Set(opened.value);
    if (!next.delete(workload.name)) next.add(workload.name);
    opened.value = next;
  };
  const { forecast } = workload;
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" class="link" aria-expanded={open} onClick={toggle}>
            {workload.name}
          </button>
        </th>
        <td>
          <Attainment value={workload.attainment} />
        </td>
        <td class="number">
          {decimal(workload.demandPerSecond)}
          {workload.demandKnown !== "DEMAND_KNOWLEDGE_ALL" && <span class="tag warn">not all known</span>}
        </td>
        <td class="number">
          {forecast === undefined ? (
            decimal(workload.demandPerSecond)
          ) : (
            <span
              title={`${forecast.model}, ${decimal(forecast.lowerPerSecond)} to ${decimal(forecast.upperPerSecond)}`}
            >
              {decimal(forecast.plannedPerSecond)}
            </span>
          )}
        </td>
        <td class="number">{decimal(workload.readyCapacityPerSecond)}</td>
        <td>{targets(workload)}</td>
        <td class="number">{decimal(workload.weight)}</td>
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={7}>
            <Detail workload={workload} />
          </td>
        </tr>
      )}
    </>
  );
}

function targets({ ttftMs, itlMs, percentile }: WorkloadJson): string {
  const at = percentile > 0 ? ` p${Math.round(percentile * 100)}` : "";
  const parts = [
    ...(ttftMs === undefined ? [] : [`TTFT${at} ${decimal(ttftMs)} ms`]),
    ...(itlMs === undefined ? [] : [`ITL${at} ${decimal(itlMs)} ms`]),
  ];
  return parts.length === 0 ? "–" : parts.join(", ");
}

/** Why it stands where it does, and each of its variants. */
function Detail({ workload }: { workload: WorkloadJson }) {
  const live = status.value?.plan;
  const reason = live?.plan?.workloads.find(({ name }) => name === workload.name)?.reason;
  const variants = (live?.variants ?? []).filter((variant) => variant.workload === workload.name);
  return (
    <>
      <p>{reason?.sentence ?? "It gets all that it asks for."}</p>
      <ul class="variants">
        {variants.map((variant) => (
          <Variant key={variant.name} variant={variant} />
        ))}
      </ul>
    </>
  );
}

function Variant({ variant }: { variant: VariantJson }) {
  const change = variant.current === variant.desired ? `${variant.current}` : `${variant.current} → ${variant.desired}`;
  return (
    <li>
      <strong>{shortName(variant.name)}</strong> on {variant.pool || "no pool"}: {change} replicas ({variant.ready}{" "}
      ready
      {variant.starting > 0 && `, ${variant.starting} starting`}
      {variant.pending > 0 && `, ${variant.pending} pending`}
      {variant.failing > 0 && `, ${variant.failing} failing`}), {decimal(variant.capacityPerSecond)}/s each.{" "}
      {variant.reason}
    </li>
  );
}
