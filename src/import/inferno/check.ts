import { nearestName } from "../../domain/nearest-name.ts";
import { cut, shown, type Violation } from "../../domain/violation.ts";
import { classOf } from "./classes.ts";
import type { InfernoSystem } from "./file.ts";

/**
 * What cannot be meant though every field is well-formed. The predecessor skips such servers without a word, or lets the last of
 * two entries win.
 */
export function checkInferno(system: InfernoSystem): Violation[] {
  const { accelerators } = system.acceleratorData;
  const { models } = system.modelData;
  const { serviceClasses } = system.serviceClassData;
  const key = (model: (typeof models)[number]) => `${model.name} on ${model.acc}`;
  return [
    ...repeated(
      "system.acceleratorData.accelerators",
      accelerators.map((accelerator) => accelerator.name),
    ),
    ...repeated(
      "system.capacityData.count",
      system.capacityData.count.map((entry) => entry.type),
    ),
    ...repeated("system.modelData.models", models.map(key)),
    ...repeated(
      "system.serviceClassData.serviceClasses",
      serviceClasses.map((entry) => entry.name),
    ),
    ...repeated(
      "system.serverData.servers",
      system.serverData.servers.map((server) => server.name),
    ),
    ...system.serverData.servers.flatMap((_, s) => serverViolations(system, s)),
  ];
}

function serverViolations(system: InfernoSystem, index: number): Violation[] {
  const server = system.serverData.servers[index];
  if (server === undefined) return [];
  const path = `system.serverData.servers[${index}]`;
  const found: Violation[] = [];
  const accelerators = new Set(system.acceleratorData.accelerators.map((accelerator) => accelerator.name));
  const modelNames = [...new Set(system.modelData.models.map((model) => model.name))];
  if (!modelNames.includes(server.model)) {
    const rule = "a model that modelData has performance data of";
    found.push({ path: `${path}.model`, value: shown(server.model), rule, fix: suggestion(server.model, modelNames) });
  } else if (!system.modelData.models.some((model) => model.name === server.model && accelerators.has(model.acc))) {
    const rule = "a model with performance data on an accelerator of acceleratorData";
    found.push({
      path: `${path}.model`,
      value: shown(server.model),
      rule,
      fix: "add the accelerator, or performance data",
    });
  }
  const serviceClass = classOf(system, server);
  if (serviceClass === undefined) {
    const names = system.serviceClassData.serviceClasses.map((entry) => entry.name);
    const rule = "a class of serviceClassData";
    found.push({ path: `${path}.class`, value: shown(server.class), rule, fix: suggestion(server.class, names) });
  } else if (!serviceClass.modelTargets.some((target) => target.model === server.model)) {
    const rule = `a class with targets for model ${cut(server.model)}`;
    const fix = "add the model to its modelTargets";
    found.push({ path: `${path}.class`, value: shown(serviceClass.name), rule, fix });
  }
  const { load } = server.currentAlloc;
  if (load.arrivalRate > 0 && load.avgOutTokens < 1) {
    found.push({
      path: `${path}.currentAlloc.load.avgOutTokens`,
      value: shown(load.avgOutTokens),
      rule: "at least 1 where requests arrive",
      fix: "give the mean output tokens, or an arrivalRate of 0",
    });
  }
  return found;
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? "add it, or name one that is there" : `did you mean "${near}"?`;
}

function repeated(list: string, names: readonly string[]): Violation[] {
  const first = new Map<string, number>();
  return names.flatMap((name, i) => {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, i);
      return [];
    }
    return [
      { path: `${list}[${i}]`, value: shown(name), rule: `unique; entry ${earlier} has it already`, fix: "remove one" },
    ];
  });
}
