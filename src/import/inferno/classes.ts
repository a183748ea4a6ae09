import type { InfernoServer, InfernoSystem, InfernoTarget } from "./file.ts";

/** Class of a server that names none, and the range of priorities; outside it the lowest holds. As in the predecessor. */
const DEFAULT_CLASS = "Free";
const HIGHEST_PRIORITY = 1;
const LOWEST_PRIORITY = 100;

export function classOf(system: InfernoSystem, server: InfernoServer) {
  const name = server.class === "" ? DEFAULT_CLASS : server.class;
  return system.serviceClassData.serviceClasses.find((entry) => entry.name === name);
}

export function priorityOf(system: InfernoSystem, server: InfernoServer): number {
  const priority = classOf(system, server)?.priority ?? LOWEST_PRIORITY;
  return priority < HIGHEST_PRIORITY || priority > LOWEST_PRIORITY ? LOWEST_PRIORITY : priority;
}

export function targetOf(system: InfernoSystem, server: InfernoServer): InfernoTarget | undefined {
  // The last entry of a model wins, as in the predecessor's map.
  return classOf(system, server)?.modelTargets.findLast((target) => target.model === server.model);
}
