import type { KubeObject } from "./lab/api.ts";
import type { Lab } from "./lab/lab.ts";

const PLURALS: Record<string, string> = {
  NetworkPolicy: "networkpolicies",
  PlacementPolicy: "placementpolicies",
  ValidatingAdmissionPolicy: "validatingadmissionpolicies",
};

/** Server-side apply, as `kubectl apply --server-side`; unknown fields are errors. With `dryRun` nothing is kept. */
export function apply(lab: Lab, object: KubeObject, dryRun = false): Promise<KubeObject> {
  const { apiVersion, kind, metadata } = object;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  const query = `?fieldManager=test&force=true&fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`;
  return lab.api.patch(`${root}${scope}/${plural}/${metadata.name}${query}`, object, "apply-patch");
}
