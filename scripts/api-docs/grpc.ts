import { commentsOf, type ProtoEnum, type ProtoField, type ProtoFile, type ProtoMessage, protoImage } from "./image.ts";
import { markdownTable } from "./table.ts";

/** Field numbers of google.protobuf.FileDescriptorProto and of what is in it, of which comment paths are made. */
const MESSAGES = 4;
const ENUMS = 5;
const SERVICES = 6;
const MEMBERS = 2;

const OWN = "apportion.v1";

/** Packages that are documented; well-known types and health have docs of their own. */
const PACKAGES = [OWN, "externalscaler"];

/** What a caller reads first. */
const SERVICE_ORDER = ["DemandService", "InventoryService", "PlacementService", "OverrideService", "ExternalScaler"];

/** The gRPC reference, Markdown, from the protos and their comments. */
export function grpcReference(root: string): string {
  const files = protoImage(root).filter((file) => PACKAGES.includes(file.package));
  const services = files.flatMap(servicesOf).sort((a, b) => rank(a.name) - rank(b.name));
  return [
    "# gRPC reference",
    "Made from `proto/` by `node scripts/api-docs.ts`; do not edit. How to use it: [gRPC](../grpc.md), [reports](../ingest.md), [operating](../operate.md).",
    `Services: ${services.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(", ")}.`,
    "## Services",
    ...services.map(({ text }) => text),
    ...files.filter((file) => file.messageType !== undefined).map(typesOf),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function rank(name: string): number {
  const at = SERVICE_ORDER.indexOf(name);
  return at < 0 ? SERVICE_ORDER.length : at;
}

function servicesOf(file: ProtoFile): { name: string; text: string }[] {
  const comment = commentsOf(file);
  return (file.service ?? []).map((service, index) => {
    const rows = service.method.map((method, at) => [
      `\`${method.name}\``,
      streamed(method.clientStreaming, method.inputType),
      streamed(method.serverStreaming, method.outputType),
      comment(SERVICES, index, MEMBERS, at),
    ]);
    const parts = [
      `### ${service.name}`,
      `\`${file.package}.${service.name}\`, in \`proto/${file.name}\`.`,
      paragraphs(comment(SERVICES, index)),
      markdownTable(["method", "takes", "answers", "what"], rows),
    ];
    return { name: service.name, text: parts.filter((part) => part !== "").join("\n\n") };
  });
}

function streamed(isStream: boolean | undefined, type: string): string {
  return isStream ? `stream of ${linked(type)}` : linked(type);
}

function typesOf(file: ProtoFile): string {
  const comment = commentsOf(file);
  const messages = (file.messageType ?? []).map((message, index) =>
    messageText(message, comment(MESSAGES, index), (at) => comment(MESSAGES, index, MEMBERS, at)),
  );
  const enums = (file.enumType ?? []).map((type, index) =>
    enumText(type, comment(ENUMS, index), (at) => comment(ENUMS, index, MEMBERS, at)),
  );
  return [`## ${file.name}`, ...messages, ...enums].join("\n\n");
}

function messageText(message: ProtoMessage, about: string, comment: (at: number) => string): string {
  const rows = (message.field ?? []).map((field, at) => [
    `\`${field.name}\``,
    String(field.number),
    mapType(message, field) ?? fieldType(field),
    [oneofText(message, field), comment(at)].filter((part) => part !== "").join(" "),
  ]);
  const table = rows.length === 0 ? "No fields." : markdownTable(["field", "no.", "type", "what"], rows);
  return [`### ${message.name}`, paragraphs(about), table].filter((part) => part !== "").join("\n\n");
}

function enumText(type: ProtoEnum, about: string, comment: (at: number) => string): string {
  const rows = type.value.map(({ name, number = 0 }, at) => [`\`${name}\``, String(number), comment(at)]);
  return [`### ${type.name}`, paragraphs(about), markdownTable(["value", "no.", "what"], rows)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function oneofText(message: ProtoMessage, { oneofIndex, proto3Optional }: ProtoField): string {
  if (oneofIndex === undefined || proto3Optional) return "";
  return `One of \`${message.oneofDecl?.[oneofIndex]?.name ?? ""}\`.`;
}

/** Of a map: a repeated field of entries that stand inside of the message. */
function mapType(message: ProtoMessage, { typeName = "" }: ProtoField): string | undefined {
  const entry = message.nestedType?.find(
    ({ name, options }) => options?.mapEntry && typeName.endsWith(`.${message.name}.${name}`),
  );
  if (entry?.field === undefined) return undefined;
  return `map of ${entry.field.map(fieldType).join(" to ")}`;
}

function fieldType(field: ProtoField): string {
  const type = field.typeName === undefined ? field.type.replace("TYPE_", "").toLowerCase() : linked(field.typeName);
  if (field.label === "LABEL_REPEATED") return `repeated ${type}`;
  return field.proto3Optional ? `optional ${type}` : type;
}

/** A type of these packages links to its heading; the others are named in full. */
function linked(typeName: string): string {
  const full = typeName.replace(/^\./, "");
  const own = PACKAGES.find((name) => full.startsWith(`${name}.`));
  if (own === undefined) return `\`${full}\``;
  const name = full.slice(own.length + 1);
  return `[${name}](#${name.toLowerCase()})`;
}

function paragraphs(comment: string): string {
  return comment
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s+/g, " "))
    .join("\n\n");
}
