import { fieldHint } from "../field-hints.ts";

/** What fields of a world ask for, where a snapshot has no such field or means another thing by it. */
const HINTS: Record<string, string> = {
  kind: 'write "World"',
  takenAtMs: "give the time of the recording in epoch milliseconds",
  policy: "give the policy with its defaults filled in",
  mode: "write observe, recommend, approve or act",
  inventory: "give { known, nodes }",
  nodes: "list the nodes",
  pods: "list the pods that ask for devices",
  targets: "list the scale targets",
  variants: "list the variants",
  classes: "list the service classes",
  overrides: "list the overrides, or []",
  demands: "list the reported demands, or []",
  memory: "give the memory; { revision: 0, lastCycleAtMs: 0, variants: {}, trust: {} } is an empty one",
  devices: "give devices by resource name, such as { nvidia.com/gpu: 8 }",
  key: "give namespace and name",
  target: "give namespace/kind/name of the scale target",
  workload: "give namespace/name of the workload",
  type: "name the kind of action or policy",
  operator: "write Equal or Exists; in an affinity In, NotIn, Exists, DoesNotExist, Gt or Lt",
  selectPolicy: "write Max, Min or Disabled",
};

export function worldHint(field: string): string {
  if (Object.hasOwn(HINTS, field)) return HINTS[field]!;
  if (field.endsWith("AtMs")) return "give a time in epoch milliseconds";
  return field.endsWith("Ms") ? "give a time in ms" : fieldHint(field);
}
