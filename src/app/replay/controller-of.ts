import type { Placement } from "../../ports/placement.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";
import { Clairvoyant } from "./controllers/clairvoyant.ts";
import { FIXED } from "./controllers/fixed.ts";
import { HpaController } from "./controllers/hpa.ts";
import { KpaController } from "./controllers/kpa.ts";
import { CycleController } from "./controllers/ours.ts";
import { GreedyController } from "./controllers/wva-greedy.ts";
import { SaturationController } from "./controllers/wva-saturation.ts";
import type { Course } from "./course.ts";
import { Placer } from "./placer.ts";
import type { SizedVariant } from "./sized-variants.ts";
import type { Controller, ControllerName, FleetOf } from "./types.ts";

interface ControllerParts {
  placement: Placement;
  fleetOf: FleetOf;
  simulation: Simulation;
  course: Course;
  sized: readonly SizedVariant[];
}

export function controllerOf(name: ControllerName, parts: ControllerParts): Controller {
  const { placement, fleetOf, simulation, course, sized } = parts;
  switch (name) {
    case "ours":
      return new CycleController(placement, simulation, fleetOf);
    case "hpa":
      return new HpaController(simulation, sized);
    case "kpa":
      return new KpaController(simulation, sized);
    case "wva-saturation":
      return new SaturationController(sized);
    case "wva-greedy":
      return new GreedyController(simulation, sized);
    case "fixed":
      return FIXED;
    case "clairvoyant":
      return new Clairvoyant(course, new Placer(placement, simulation, sized));
  }
}
