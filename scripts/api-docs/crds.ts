import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { markdownTable } from "./table.ts";

interface Schema {
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  "x-kubernetes-validations"?: { rule: string; message?: string }[];
}

interface Crd {
  spec: {
    group: string;
    scope: string;
    names: { kind: string; plural: string; shortNames?: string[] };
    versions: {
      name: string;
      additionalPrinterColumns?: { name: string; jsonPath: string; priority?: number; description?: string }[];
      schema: { openAPIV3Schema: Schema };
    }[];
  };
}

/** The reference of the custom resources, Markdown, from `deploy/crds`. */
export function crdReference(root: string): string {
  const dir = join(root, "deploy/crds");
  const crds = readdirSync(dir)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => parse(readFileSync(join(dir, name), "utf8")) as Crd)
    .sort((a, b) => (a.spec.names.kind < b.spec.names.kind ? 1 : -1));
  return [
    "# Custom resources",
    "Made from `deploy/crds` by `node scripts/api-docs.ts`; do not edit. How to use them: [on Kubernetes](../kubernetes.md), [operating](../operate.md). `[]` is each entry of a list; what is required is said, everything else may be left out.",
    ...crds.map(crdText),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function crdText({ spec }: Crd): string {
  const { names, group, scope } = spec;
  return spec.versions
    .map(({ name, schema: { openAPIV3Schema }, additionalPrinterColumns = [] }) => {
      const { spec: wanted, status } = openAPIV3Schema.properties ?? {};
      const short = names.shortNames?.map((word) => `\`${word}\``).join(", ") ?? "none";
      const columns = additionalPrinterColumns.map((column) => [
        column.name,
        `\`${column.jsonPath.replace(/^\./, "")}\``,
        column.priority ? "`-o wide`" : "",
        column.description ?? "",
      ]);
      return [
        `## ${names.kind}`,
        `\`${group}/${name}\`, ${scope.toLowerCase()}, \`kubectl get ${names.plural}\` (short: ${short}). ${openAPIV3Schema.description ?? ""}`,
        ...(wanted === undefined ? [] : section("spec", wanted)),
        ...(status === undefined ? [] : section("status", status)),
        ...(columns.length === 0 ? [] : ["Columns:", markdownTable(["column", "from", "shown", "what"], columns)]),
      ].join("\n\n");
    })
    .join("\n\n");
}

function section(name: string, schema: Schema): string[] {
  const rows = fieldRows("", schema);
  const rules = ruleLines("", schema);
  return [
    `### ${name}`,
    markdownTable(["field", "type", "default", "what"], rows),
    ...(rules.length === 0 ? [] : [`Also checked:\n\n${rules.map((rule) => `- ${rule}`).join("\n")}`]),
  ];
}

/** One row for every property, parents before what is in them. */
function fieldRows(prefix: string, schema: Schema): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const inner = innerOf(property);
    const row = [
      `\`${path}\``,
      typeText(property),
      property.default === undefined ? "" : `\`${JSON.stringify(property.default)}\``,
      [schema.required?.includes(name) ? "Required." : "", property.description ?? ""].join(" ").trim(),
    ];
    return [row, ...(inner === undefined ? [] : fieldRows(`${path}${suffixOf(property)}`, inner))];
  });
}

function ruleLines(prefix: string, schema: Schema): string[] {
  const own = (schema["x-kubernetes-validations"] ?? []).map(({ rule, message }) => {
    const said = message ?? `\`${rule}\``;
    return prefix === "" ? said : `\`${prefix}\`: ${said}`;
  });
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const inner = property.items;
    return [...ruleLines(path, property), ...(inner === undefined ? [] : ruleLines(`${path}[]`, inner))];
  });
  return [...own, ...below];
}

function innerOf(schema: Schema): Schema | undefined {
  if (schema.properties !== undefined) return schema;
  if (schema.items?.properties !== undefined) return schema.items;
  return undefined;
}

function suffixOf(schema: Schema): string {
  return schema.items === undefined ? "" : "[]";
}

function typeText(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}${range(schema.minItems, schema.maxItems)}`;
  if (typeof schema.additionalProperties === "object") return `map to ${typeText(schema.additionalProperties)}`;
  const type = schema.format === "date-time" ? "time" : (schema.type ?? "any");
  if (schema.type === "string") return `${type}${lengths(schema)}`;
  const from = schema.minimum === undefined ? undefined : `${schema.exclusiveMinimum ? "above " : ""}${schema.minimum}`;
  return `${type}${range(from, schema.maximum)}`;
}

function range(from: number | string | undefined, to: number | undefined): string {
  if (from === undefined && to === undefined) return "";
  if (from === undefined) return `, at most ${to}`;
  return to === undefined ? `, from ${from}` : `, ${from} to ${to}`;
}

function lengths({ minLength, maxLength, pattern }: Schema): string {
  const length = range(minLength, maxLength);
  return `${length === "" ? "" : `${length} characters`}${pattern === undefined ? "" : `, \`${pattern}\``}`;
}
