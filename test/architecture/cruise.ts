import { cruise, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

// Plain JavaScript without declarations, so that dependency-cruiser's own command can read it too.
const { default: config } = await import(new URL("../../.dependency-cruiser.mjs", import.meta.url).href);

export const rules: IForbiddenRuleType[] = config.forbidden;

export interface Reading {
  /** Our own modules that were read, relative to the directory. */
  modules: string[];
  /** `rule: from → to`, sorted. */
  violations: string[];
}

/** Reads `src` and `solver/src` below `baseDir` by the project's rules. */
export async function readRooms(baseDir: string): Promise<Reading> {
  const { output } = await cruise(["src", "solver/src"], {
    ...config.options,
    baseDir,
    ruleSet: config,
    validate: true,
  });
  const result = output as ICruiseResult;
  const modules = result.modules.map((module) => module.source).filter((source) => /^(src|solver)\//.test(source));
  const violations = result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return { modules, violations: violations.sort() };
}
