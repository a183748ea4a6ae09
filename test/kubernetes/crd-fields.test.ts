import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { CONVERTED } from "./converted.ts";
import { EVERY_FIELD } from "./every-field.ts";

/** A field that a CRD has and nobody reads would be accepted, and do nothing. */

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
}

interface Crd {
  spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] };
}

const DIR = new URL("../../deploy/crds/", import.meta.url);
const schemas = readdirSync(DIR).map((file) => {
  const { spec } = parse(readFileSync(new URL(file, DIR), "utf8")) as Crd;
  return { kind: spec.names.kind, schema: spec.versions[0]!.schema.openAPIV3Schema.properties!.spec! };
});

/** Fields that have no fields of their own, `a.b[].c`. */
function leaves(schema: Schema, path: string): string[] {
  if (schema.items !== undefined) return leaves(schema.items, `${path}[]`);
  if (schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([name, each]) =>
    leaves(each, path === "" ? name : `${path}.${name}`),
  );
}

type Step = string | number;

/** Where values without parts of their own stand. */
function places(value: unknown, at: Step[] = []): Step[][] {
  if (typeof value !== "object" || value === null) return [at];
  const parts: [Step, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return parts.flatMap(([step, part]) => places(part, [...at, step]));
}

const pathOf = (place: Step[]) =>
  place.reduce<string>(
    (path, step) => (typeof step === "number" ? `${path}[]` : path === "" ? step : `${path}.${step}`),
    "",
  );

/** A copy of it where one value is missing. */
function without(spec: object, place: Step[]): object {
  const copy = structuredClone(spec);
  const parent = place.slice(0, -1).reduce<unknown>((part, step) => (part as Record<Step, unknown>)[step], copy);
  if (Array.isArray(parent)) parent.splice(Number(place.at(-1)), 1);
  else delete (parent as Record<Step, unknown>)[place.at(-1)!];
  return copy;
}

/** What the service makes of it; that it cannot read it is an answer, too. */
function made(kind: string, spec: object): string {
  try {
    return JSON.stringify(CONVERTED[kind]?.({ metadata: { namespace: "ml", name: "a" }, spec }));
  } catch (error) {
    return String(error);
  }
}

/** A map has names of its own. */
const known = (path: string) => (path.startsWith("pools[].nodeLabels.") ? "pools[].nodeLabels" : path);

function unreadFields(kind: string, schema: Schema, specs: object[]): string[] {
  const unread = new Set(leaves(schema, ""));
  for (const spec of specs) {
    for (const place of places(spec)) {
      if (made(kind, spec) !== made(kind, without(spec, place))) unread.delete(known(pathOf(place)));
    }
  }
  return [...unread];
}

test.each(schemas)("the service reads every field of $kind", ({ kind, schema }) => {
  expect(leaves(schema, "").length).toBeGreaterThan(5);
  expect(unreadFields(kind, schema, EVERY_FIELD[kind] ?? [])).toEqual([]);
});

test("a field that nobody reads would be seen", () => {
  const { kind, schema } = schemas.find((each) => each.kind === "ServiceClass")!;
  const wider = { ...schema, properties: { ...schema.properties, colour: {} } };
  const specs = (EVERY_FIELD[kind] ?? []).map((spec) => ({ ...spec, colour: "red" }));
  expect(unreadFields(kind, wider, specs)).toEqual(["colour"]);
});
