import type { Parsed } from "../../domain/violation.ts";
import { findJsonFault } from "./json-faults.ts";
import { MAX_DEPTH, parseYaml, YamlError } from "./yaml-text.ts";

/** Half a gigabyte of memory and a few seconds once parsed: about 100,000 workloads. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** YAML takes about 0.6 s and 65 MB a megabyte: this bounds a text to some seconds and half a gigabyte. */
const MAX_YAML_CHARS = 8 * 1024 * 1024;

/** Reads a document, JSON or YAML, to plain data. A violation has `document` as its path and the place as its value. */
export function readDocumentText(text: string): Parsed<unknown> {
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (bare.length > MAX_JSON_BYTES) return refuse(`${bare.length} characters`, `at most ${MAX_JSON_BYTES}`, "split it");
  const json = parseJson(bare);
  if (json) return fromJson(bare, json.value);
  if (bare.length > MAX_YAML_CHARS) {
    const rule = `is no JSON, and YAML is read up to ${MAX_YAML_CHARS} characters`;
    return refuse(`${bare.length} characters`, rule, "write it as JSON");
  }
  try {
    return { ok: true, value: parseYaml(bare) };
  } catch (error) {
    if (error instanceof YamlError) return refuse(error.where, error.message, error.fix);
    // The parser recurses: a text that nests without end exhausts its stack.
    if (error instanceof RangeError) return refuse("the document", "is nested too deeply", "nest less deeply");
    throw error;
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function fromJson(text: string, value: unknown): Parsed<unknown> {
  const fault = findJsonFault(text, MAX_DEPTH);
  if (!fault) return { ok: true, value };
  const before = text.slice(0, fault.offset);
  const place = `line ${before.split("\n").length}, column ${fault.offset - before.lastIndexOf("\n")}`;
  if (fault.key === undefined) return refuse(place, `nests more than ${MAX_DEPTH} deep`, "nest less deeply");
  const key = JSON.stringify(fault.key.slice(0, 100));
  return refuse(place, `the key ${key} stands twice in one object`, "remove one of them");
}

function refuse(value: string, rule: string, fix: string): Parsed<unknown> {
  return { ok: false, violations: [{ path: "document", value, rule, fix }] };
}
