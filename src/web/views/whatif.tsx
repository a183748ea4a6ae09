import { signal } from "@preact/signals";
import { CallError, call } from "../api/client.ts";
import { fleet } from "../api/live.ts";
import type { WhatIfJson } from "../api/types.ts";
import { Difference, differenceOf } from "../parts/difference.tsx";
import { entered } from "../parts/form.ts";

/** A change in the JSON form of its message, with what it says to a person. */
interface Change {
  text: string;
  json: object;
}

const changes = signal<readonly Change[]>([]);
type Answer =
  | { state: "none" }
  | { state: "asking" }
  | { state: "done"; answer: WhatIfJson; ms: number }
  | { state: "failed"; why: string };
const answer = signal<Answer>({ state: "none" });

export function WhatIfView() {
  const shown = fleet.value;
  return (
    <>
      <p>The present problem with changes, solved anew. Nothing is carried out.</p>
      <div class="columns">
        <NodesForm pools={shown?.pools.map(({ name }) => name) ?? []} />
        <WorkloadForm workloads={shown?.workloads.map(({ name }) => name) ?? []} />
      </div>
      <section aria-labelledby="changes">
        <h2 id="changes">Changes</h2>
        {changes.value.length === 0 && <p class="empty">None yet: add one above.</p>}
        <ul class="changes">
          {changes.value.map((change) => (
            <li key={change.text}>
              {change.text}{" "}
              <button
                type="button"
                class="link"
                aria-label={`remove: ${change.text}`}
                onClick={() => set(changes.value.filter((other) => other !== change))}
              >
                remove
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="answer" aria-live="polite">
        <h2 id="answer">Against today</h2>
        <Result answer={answer.value} />
      </section>
    </>
  );
}

function Result({ answer: shown }: { answer: Answer }) {
  if (shown.state === "none") return <p class="empty">Nothing is asked.</p>;
  if (shown.state === "asking") return <p class="empty">Solving …</p>;
  if (shown.state === "failed") return <p class="note bad">{shown.why}</p>;
  const { before, after } = shown.answer;
  if (before === undefined || after === undefined) return null;
  return (
    <>
      <Difference difference={differenceOf(before, after)} />
      <p class="note">Answered in {Math.round(shown.ms)} ms.</p>
    </>
  );
}

let asked = 0;

/** Every change of the list asks anew; an answer that was overtaken is not shown. */
async function set(next: readonly Change[]): Promise<void> {
  changes.value = next;
  asked += 1;
  const mine = asked;
  if (next.length === 0) {
    answer.value = { state: "none" };
    return;
  }
  answer.value = { state: "asking" };
  const startedMs = performance.now();
  const outcome = await ask(next, startedMs);
  if (mine === asked) answer.value = outcome;
}

async function ask(asks: readonly Change[], startedMs: number): Promise<Answer> {
  try {
    const response = await call<WhatIfJson>("apportion.v1.PlacementService/WhatIf", {
      changes: asks.map(({ json }) => json),
    });
    return { state: "done", answer: response, ms: performance.now() - startedMs };
  } catch (error) {
    return { state: "failed", why: error instanceof CallError ? error.message : String(error) };
  }
}

function NodesForm({ pools }: { pools: string[] }) {
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const pool = entered(form, "pool");
    const [nodes, devicesPerNode] = [Number(entered(form, "nodes")), Number(entered(form, "devices"))];
    const text = `${nodes > 0 ? "+" : "−"}${Math.abs(nodes)} nodes of ${devicesPerNode} devices in ${pool}`;
    void set([...changes.value, { text, json: { nodes: { pool, nodes, devicesPerNode } } }]);
  };
  return (
    <form class="card" onSubmit={add}>
      <h3>Nodes</h3>
      <label>
        Pool{" "}
        <select name="pool" required>
          {pools.map((pool) => (
            <option key={pool}>{pool}</option>
          ))}
        </select>
      </label>
      <label>
        Nodes more, or fewer <input name="nodes" type="number" step="1" defaultValue="1" required />
      </label>
      <label>
        Devices on each <input name="devices" type="number" min="1" step="1" defaultValue="8" required />
      </label>
      <button type="submit">Add</button>
    </form>
  );
}

const FIELDS = {
  demand: { title: "Demand, requests per second", key: "requestsPerSecond", min: 0, step: "any" },
  priority: { title: "Priority", key: "priority", min: 0, step: "1" },
  weight: { title: "Weight", key: "weight", min: 0.000001, step: "any" },
} as const;

const field = signal<keyof typeof FIELDS>("demand");

function WorkloadForm({ workloads }: { workloads: string[] }) {
  const { title, key, min, step } = FIELDS[field.value];
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const workload = entered(form, "workload");
    const value = Number(entered(form, "value"));
    const json = { [field.value]: { workload, [key]: value } };
    void set([...changes.value, { text: `${field.value} of ${workload}: ${value}`, json }]);
  };
  return (
    <form class="card" onSubmit={add}>
      <h3>A workload</h3>
      <label>
        Workload <input name="workload" list="workload-names" required autocomplete="off" />
      </label>
      <datalist id="workload-names">
        {workloads.slice(0, 1000).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <label>
        What{" "}
        <select
          name="field"
          value={field.value}
          onChange={(event) => {
            field.value = event.currentTarget.value as keyof typeof FIELDS;
          }}
        >
          {Object.keys(FIELDS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        {title} <input name="value" type="number" min={min} step={step} required />
      </label>
      <button type="submit">Add</button>
    </form>
  );
}
