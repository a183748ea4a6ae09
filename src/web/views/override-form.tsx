import { signal } from "@preact/signals";
import { CallError, call } from "../api/client.ts";
import { fleet, status } from "../api/live.ts";
import type { PreviewJson } from "../api/types.ts";
import { Difference } from "../parts/difference.tsx";
import { entered } from "../parts/form.ts";

const OVERRIDE = "apportion.v1.OverrideService";

const TYPES = ["pin", "floor", "ceiling", "freeze", "exclude", "drain"] as const;
type Type = (typeof TYPES)[number];
const COUNTED: readonly Type[] = ["pin", "floor", "ceiling"];

const type = signal<Type>("pin");
const drained = signal<"pool" | "node">("pool");
type Stage =
  | { stage: "edit" }
  | { stage: "asking" }
  | { stage: "preview"; spec: object; preview: PreviewJson }
  | { stage: "failed"; why: string };
const stage = signal<Stage>({ stage: "edit" });

/** First what it would cost, then the decision. */
export function OverrideForm({ onSet }: { onSet: () => Promise<void> }) {
  const preview = (event: SubmitEvent): void => {
    event.preventDefault();
    void ask(specOf(event.currentTarget as HTMLFormElement));
  };
  return (
    <section aria-labelledby="new-override">
      <h2 id="new-override">Override the plan</h2>
      <form class="card wide" onSubmit={preview}>
        <Subject />
        {COUNTED.includes(type.value) && (
          <label>
            Replicas <input name="replicas" type="number" min="0" step="1" required />
          </label>
        )}
        <label>
          For{" "}
          <select name="lifetime">
            <option value="3600s">1 hour</option>
            <option value="14400s">4 hours</option>
            <option value="86400s">1 day</option>
            <option value="">until it is cleared</option>
          </select>
        </label>
        <label>
          Reason <input name="reason" required />
        </label>
        <label>
          Your name <input name="author" required autocomplete="username" />
        </label>
        <button type="submit">Show what it costs</button>
      </form>
      <div aria-live="polite">
        <Preview onSet={onSet} />
      </div>
    </section>
  );
}

function Subject() {
  const variants = status.value?.plan?.variants.map(({ name }) => name) ?? [];
  const pools = fleet.value?.pools.map(({ name }) => name) ?? [];
  const nodes = fleet.value?.pools.flatMap((pool) => pool.nodes.map(({ name }) => name)) ?? [];
  const names = type.value !== "drain" ? variants : drained.value === "pool" ? pools : nodes;
  return (
    <>
      <label>
        What{" "}
        <select
          name="type"
          value={type.value}
          onChange={(event) => {
            type.value = event.currentTarget.value as Type;
          }}
        >
          {TYPES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {type.value === "drain" && (
        <label>
          A{" "}
          <select
            name="kind"
            value={drained.value}
            onChange={(event) => {
              drained.value = event.currentTarget.value as "pool" | "node";
            }}
          >
            <option>pool</option>
            <option>node</option>
          </select>
        </label>
      )}
      <label>
        Of <input name="subject" list="subjects" required autocomplete="off" />
      </label>
      <datalist id="subjects">
        {names.slice(0, 2000).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

function specOf(form: HTMLFormElement): object {
  const value = (name: string): string => entered(form, name);
  const kind = type.value === "drain" ? drained.value : "variant";
  const lifetime = value("lifetime");
  return {
    type: `OVERRIDE_TYPE_${type.value.toUpperCase()}`,
    subjectKind: `OVERRIDE_SUBJECT_KIND_${kind.toUpperCase()}`,
    subject: value("subject"),
    reason: value("reason"),
    author: value("author"),
    ...(COUNTED.includes(type.value) && { replicas: Number(value("replicas")) }),
    ...(lifetime === "" ? { noExpiry: true } : { lifetime }),
  };
}

async function ask(spec: object): Promise<void> {
  stage.value = { stage: "asking" };
  try {
    const preview = await call<PreviewJson>(`${OVERRIDE}/PreviewOverride`, { spec });
    stage.value = { stage: "preview", spec, preview };
  } catch (error) {
    stage.value = failure(error);
  }
}

function failure(error: unknown): Stage {
  return { stage: "failed", why: error instanceof CallError ? error.message : String(error) };
}

function Preview({ onSet }: { onSet: () => Promise<void> }) {
  const shown = stage.value;
  if (shown.stage === "edit") return null;
  if (shown.stage === "asking") return <p class="empty">Solving …</p>;
  if (shown.stage === "failed") return <p class="note bad">{shown.why}</p>;
  const { preview, spec } = shown;
  const set = async (): Promise<void> => {
    try {
      await call(`${OVERRIDE}/SetOverride`, { spec });
      stage.value = { stage: "edit" };
      await onSet();
    } catch (error) {
      stage.value = failure(error);
    }
  };
  return (
    <section class="card wide" aria-label="what it costs">
      {preview.difference !== undefined && <Difference difference={preview.difference} />}
      {preview.conflicts.map((conflict) => (
        <p key={conflict} class="note warn">
          {conflict}
        </p>
      ))}
      <button type="button" onClick={() => void set()}>
        Set it
      </button>{" "}
      <button
        type="button"
        class="link"
        onClick={() => {
          stage.value = { stage: "edit" };
        }}
      >
        Leave it
      </button>
    </section>
  );
}
