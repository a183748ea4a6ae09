import { createInterface } from "node:readline/promises";
import type {
  ApprovePlanResponse,
  AuditEvent,
  ClearOverrideResponse,
  ListAuditEventsResponse,
  ListOverridesResponse,
  Override,
  OverrideSpec,
  PreviewOverrideResponse,
  SetOverrideResponse,
} from "../../gen/apportion/v1/override.ts";
import type { CliContext } from "../context.ts";
import { BadInputError, EXIT_DONE, EXIT_NOT_MET } from "../exit.ts";
import { renderTable } from "../view/table.ts";
import { printable } from "../view/text.ts";
import type { Callback } from "./client.ts";
import { type LiveFlags, withClient } from "./commands.ts";
import { differenceView } from "./difference-view.ts";
import { toJson } from "./json.ts";

export interface SetFlags extends LiveFlags {
  replicas?: number;
  reason: string;
  author: string;
  for?: number;
  noExpiry: boolean;
  yes: boolean;
}

const TYPES = ["pin", "floor", "ceiling", "freeze", "exclude", "drain"] as const;

/** `apportion override set TYPE KIND/NAME`: shows what it costs, asks, sets. */
export function runOverrideSet(context: CliContext, type: string, subject: string, flags: SetFlags): Promise<number> {
  const spec = readSpec(type, subject, flags);
  return withClient(flags, async (client) => {
    const preview = await client.call((metadata, options, done: Callback<PreviewOverrideResponse>) =>
      client.override.previewOverride({ spec }, metadata, options, done),
    );
    if (preview.difference !== undefined) context.stderr.write(differenceView(preview.difference, context.stderr));
    for (const conflict of preview.conflicts) context.stderr.write(`conflict: ${printable(conflict)}\n`);
    if (!flags.yes && !(await confirmed(context))) {
      context.stderr.write("nothing was set\n");
      return EXIT_NOT_MET;
    }
    const { override } = await client.call((metadata, options, done: Callback<SetOverrideResponse>) =>
      client.override.setOverride({ spec }, metadata, options, done),
    );
    if (override !== undefined) {
      context.stdout.write(flags.format === "json" ? toJson(override) : `${printable(overrideLine(override))}\n`);
    }
    return EXIT_DONE;
  });
}

/** Without a terminal there is nobody to ask. */
async function confirmed(context: CliContext): Promise<boolean> {
  if (!context.stderr.isTTY) throw new BadInputError(["nobody can be asked here; give --yes to set it"]);
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question("set it? [y/N] ")).trim());
  } finally {
    lines.close();
  }
}

function readSpec(type: string, subject: string, flags: SetFlags): OverrideSpec {
  const known = TYPES.find((candidate) => candidate === type);
  if (known === undefined) throw new BadInputError([`${type}: not a type of override; one of ${TYPES.join(", ")}`]);
  const [kind, ...rest] = subject.split(":");
  const drains = known === "drain";
  if (drains && kind !== "pool" && kind !== "node") {
    throw new BadInputError([`${subject}: a drain is of pool:NAME or node:NAME`]);
  }
  return {
    type: `OVERRIDE_TYPE_${known.toUpperCase() as Uppercase<typeof known>}`,
    subjectKind: drains
      ? kind === "pool"
        ? "OVERRIDE_SUBJECT_KIND_POOL"
        : "OVERRIDE_SUBJECT_KIND_NODE"
      : "OVERRIDE_SUBJECT_KIND_VARIANT",
    subject: drains ? rest.join(":") : subject,
    replicas: flags.replicas,
    reason: flags.reason,
    lifetime: flags.for === undefined ? undefined : { seconds: BigInt(Math.round(flags.for / 1000)), nanos: 0 },
    noExpiry: flags.noExpiry,
    author: flags.author,
  };
}

function overrideLine(override: Override): string {
  const { spec } = override;
  const type = (spec?.type ?? "").replace("OVERRIDE_TYPE_", "").toLowerCase();
  const count = spec?.replicas === undefined ? "" : ` at ${spec.replicas}`;
  const until = override.expiresAt === undefined ? "until cleared" : `until ${override.expiresAt.toISOString()}`;
  return `${override.id}: ${type} ${spec?.subject ?? ""}${count} ${until}, by ${override.author}: ${spec?.reason ?? ""}`;
}

/** `apportion override list` */
export function runOverrideList(context: CliContext, flags: LiveFlags): Promise<number> {
  return withClient(flags, async (client) => {
    const response = await client.call((metadata, options, done: Callback<ListOverridesResponse>) =>
      client.override.listOverrides({}, metadata, options, done),
    );
    if (flags.format === "json") context.stdout.write(toJson(response.overrides));
    else if (response.overrides.length === 0) context.stdout.write("no override is in force\n");
    else {
      for (const override of response.overrides) {
        context.stdout.write(`${printable(overrideLine(override))}\n`);
        if (override.effect !== "") context.stdout.write(`  ${printable(override.effect)}\n`);
      }
    }
    return EXIT_DONE;
  });
}

/** `apportion override clear ID` */
export function runOverrideClear(
  context: CliContext,
  id: string,
  flags: LiveFlags & { reason: string; author: string },
): Promise<number> {
  return withClient(flags, async (client) => {
    const { reason, author } = flags;
    await client.call((metadata, options, done: Callback<ClearOverrideResponse>) =>
      client.override.clearOverride({ id, reason, author }, metadata, options, done),
    );
    context.stdout.write(`${printable(id)} is cleared\n`);
    return EXIT_DONE;
  });
}

/** `apportion override audit` */
export function runAudit(context: CliContext, flags: LiveFlags & { limit: number }): Promise<number> {
  return withClient(flags, async (client) => {
    const { events } = await client.call((metadata, options, done: Callback<ListAuditEventsResponse>) =>
      client.override.listAuditEvents({ limit: flags.limit }, metadata, options, done),
    );
    context.stdout.write(flags.format === "json" ? toJson(events) : `${auditTable(events, context)}\n`);
    return EXIT_DONE;
  });
}

function auditTable(events: readonly AuditEvent[], context: CliContext): string {
  const columns = [
    { title: "at" },
    { title: "who", shrinkTo: 8 },
    { title: "what", shrinkTo: 8 },
    { title: "of", shrinkTo: 8 },
    { title: "why", shrinkTo: 8 },
    { title: "effect", shrinkTo: 8 },
  ];
  const rows = events.map((event) => [
    event.at?.toISOString() ?? "",
    event.actor,
    event.action,
    event.subject,
    event.reason,
    event.effect,
  ]);
  return renderTable(columns, rows, context.stdout.columns || 120);
}

/** `apportion approve REVISION` */
export function runApprove(
  context: CliContext,
  revision: number,
  flags: LiveFlags & { reason: string; author: string },
): Promise<number> {
  return withClient(flags, async (client) => {
    const { reason, author } = flags;
    await client.call((metadata, options, done: Callback<ApprovePlanResponse>) =>
      client.override.approvePlan({ revision: BigInt(revision), reason, author }, metadata, options, done),
    );
    context.stdout.write(`plan ${revision} is approved\n`);
    return EXIT_DONE;
  });
}
