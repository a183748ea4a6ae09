/**
 * The first key that stands twice in an object of a JSON text, which `JSON.parse` keeps silent about, or the first place
 * that nests deeper than `maxDepth`; with its offset. The text must be valid JSON.
 */
export function findJsonFault(json: string, maxDepth: number): { key?: string; offset: number } | undefined {
  /** Keys of the objects around the place, undefined for a list. */
  const around: (Set<string> | undefined)[] = [];
  let keys: Set<string> | undefined;
  let keyExpected = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') {
      const end = endOfString(json, at);
      if (keyExpected && keys) {
        const key = JSON.parse(json.slice(at, end + 1)) as string;
        if (keys.has(key)) return { key, offset: at };
        keys.add(key);
      }
      keyExpected = false;
      at = end;
    } else if (char === "{" || char === "[") {
      around.push(keys);
      if (around.length > maxDepth) return { offset: at };
      keys = char === "{" ? new Set() : undefined;
      keyExpected = char === "{";
    } else if (char === "}" || char === "]") {
      keys = around.pop();
      keyExpected = false;
    } else if (char === ",") {
      keyExpected = keys !== undefined;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}
