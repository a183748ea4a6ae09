/** Paths of the API: `/api/v1` for the core group, `/apis/group/version` for others. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export function objectPath(apiVersion: string, plural: string, namespace: string, name: string): string {
  return `${groupPath(apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
}

/** Of a `VariantAutoscaling` by its key `namespace/name`. */
export function variantPath(key: string): string {
  const [namespace = "", name = ""] = key.split("/");
  return objectPath("apportion.dev/v1alpha1", "variantautoscalings", namespace, name);
}
