import { didYouMean } from "../../domain/nearest-name.ts";
import { type Parsed, shown, type Violation } from "../../domain/violation.ts";
import type { Right } from "../../ports/access.ts";

/** Rights by identity; `*` stands for every client whose certificate an authority of the service signed. */
export type ClientRights = ReadonlyMap<string, ReadonlySet<Right>>;

export const ANY_CLIENT = "*";

const RIGHTS: readonly Right[] = ["read", "report", "override", "solve"];
const HEADER = { apiVersion: "apportion.dev/v1", kind: "ClientRights" };

/**
 * Reads the file of `--client-rights`:
 * `{ apiVersion: apportion.dev/v1, kind: ClientRights, clients: { NAME: [read, report, override, solve] } }`.
 */
export function readClientRights(document: unknown): Parsed<ClientRights> {
  const violations: Violation[] = [];
  const fields = record(document, "(the file)", violations);
  for (const key of Object.keys(fields)) {
    if (key in HEADER || key === "clients") continue;
    violations.push(unknownField(key, [...Object.keys(HEADER), "clients"]));
  }
  for (const [key, wanted] of Object.entries(HEADER)) {
    if (fields[key] === wanted) continue;
    violations.push({ path: key, value: shown(fields[key]), rule: `is ${wanted}`, fix: `write ${key}: ${wanted}` });
  }
  const clients = Object.entries(record(fields.clients, "clients", violations));
  const rights = new Map(clients.map(([name, list]) => [name, rightsOf(name, list, violations)] as const));
  return violations.length > 0 ? { ok: false, violations } : { ok: true, value: rights };
}

function rightsOf(name: string, list: unknown, violations: Violation[]): ReadonlySet<Right> {
  const path = `clients[${JSON.stringify(name)}]`;
  const known = RIGHTS.join(", ");
  if (name.trim() === "") {
    violations.push({ path, value: shown(name), rule: "not empty", fix: "give the name in the certificate" });
  }
  if (!Array.isArray(list)) {
    violations.push({ path, value: shown(list), rule: `a list of ${known}`, fix: "write for example [read]" });
    return new Set();
  }
  return new Set(
    list.filter((right: unknown, index): right is Right => {
      if (RIGHTS.some((candidate) => candidate === right)) return true;
      const fix = typeof right === "string" ? didYouMean(right, [...RIGHTS]) : `give one of ${known}`;
      violations.push({ path: `${path}[${index}]`, value: shown(right), rule: `one of ${known}`, fix });
      return false;
    }),
  );
}

function record(value: unknown, path: string, violations: Violation[]): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  violations.push({ path, value: shown(value), rule: "a map", fix: "see docs/security.md for the form" });
  return {};
}

function unknownField(key: string, known: string[]): Violation {
  return {
    path: key,
    value: "set",
    rule: `no such field here; known are ${known.join(", ")}`,
    fix: didYouMean(key, known),
  };
}
