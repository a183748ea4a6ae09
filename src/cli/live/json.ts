/** A message as JSON: 64-bit numbers as strings, as the JSON form of protobuf has them. */
export function toJson(message: unknown, indent = 2): string {
  const text = JSON.stringify(message, (_key, value) => (typeof value === "bigint" ? value.toString() : value), indent);
  return `${text}\n`;
}
