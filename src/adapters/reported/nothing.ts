import type { Actuator } from "../../ports/actuator.ts";
import type { EventSink, StatusWriter } from "../../ports/cluster.ts";

/** Where controllers watch the plan and carry it out, this service writes nothing anywhere. */

export const NO_ACTUATOR: Actuator = {
  drain: async () => ({ done: 0, failed: [] }),
  apply: async () => [],
};

export const NO_STATUS: StatusWriter = {
  write: async () => ({ written: 0, unchanged: 0, failed: [] }),
};

export const NO_EVENTS: EventSink = {
  publish: async () => undefined,
};
