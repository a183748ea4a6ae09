import { clipped } from "./printed.ts";

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** One step into a map or object, as a path writes it: `.pool`, `["chat-h100"]`. */
export function keyStep(key: string): string {
  return PLAIN_KEY.test(key) ? `.${clipped(key)}` : `[${clipped(JSON.stringify(key))}]`;
}

/** Like `workloads[3].variants[0].pool`; the whole document is `(document)`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : keyStep(String(step)))).join("");
  return text === "" ? "(document)" : text.replace(/^\./, "");
}

/** What stands at `path`; undefined where nothing does. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
