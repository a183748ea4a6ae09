import type { RawMeta } from "../api/types.ts";

const LWS_NAME_LABEL = "leaderworkerset.sigs.k8s.io/name";
const LWS_GROUP_LABEL = "leaderworkerset.sigs.k8s.io/group-index";

export function targetKey(namespace: string, kind: string, name: string): string {
  return `${namespace}/${kind}/${name}`;
}

/** Pods of a target that is known by the label selector in its scale alone. */
export interface TargetSelector {
  target: string;
  namespace: string;
  matches(labels: Record<string, string>): boolean;
}

/** Which target a pod belongs to, and which of its replicas where one is several pods. */
export function ownerOf(
  metadata: RawMeta | undefined,
  selectors: readonly TargetSelector[],
): { target?: string; group?: string } {
  const namespace = metadata?.namespace ?? "";
  const labels = metadata?.labels ?? {};
  const set = labels[LWS_NAME_LABEL];
  if (set !== undefined) {
    return { target: targetKey(namespace, "LeaderWorkerSet", set), group: `${set}-${labels[LWS_GROUP_LABEL] ?? "0"}` };
  }
  const chosen = selectors.find((selector) => selector.namespace === namespace && selector.matches(labels));
  if (chosen !== undefined) return { target: chosen.target };
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind === undefined || owner.name === undefined) return {};
  const hash = labels["pod-template-hash"];
  if (owner.kind === "ReplicaSet" && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { target: targetKey(namespace, "Deployment", owner.name.slice(0, -hash.length - 1)) };
  }
  return { target: targetKey(namespace, owner.kind, owner.name) };
}

/**
 * A label selector as in `status.selector` of a scale: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. An empty or unreadable
 * one matches nothing.
 */
export function parseSelector(text: string | undefined): (labels: Record<string, string>) => boolean {
  const parts = (text ?? "").match(/(?:[^,(]|\([^)]*\))+/g)?.map((part) => requirementOf(part.trim())) ?? [];
  if (parts.length === 0 || parts.includes(undefined)) return () => false;
  return (labels) => parts.every((matches) => matches?.(labels));
}

function requirementOf(text: string): ((labels: Record<string, string>) => boolean) | undefined {
  const set = /^([^\s!=()]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => (key in labels && values.includes(labels[key] ?? "")) === (operator === "in");
  }
  const equality = /^([^\s!=()]+)\s*(==|=|!=)\s*([^\s!=()]*)$/.exec(text);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return (labels) => (labels[key] === value) === (operator !== "!=");
  }
  const existence = /^(!?)([^\s!=()]+)$/.exec(text);
  if (existence === null) return undefined;
  const [, not, key = ""] = existence;
  return (labels) => key in labels === (not === "");
}
