import { parser } from "@prometheus-io/lezer-promql";

/** Characters around a slip that a message shows. */
const CONTEXT = 20;

/** Where an expression is not PromQL, in a sentence; undefined where it is. The grammar is that of Prometheus' own editor. */
export function promqlFault(expression: string): string | undefined {
  if (expression.trim() === "") return "write an expression";
  const cursor = parser.parse(expression).cursor();
  do {
    if (!cursor.type.isError) continue;
    const near = expression.slice(Math.max(0, cursor.from - CONTEXT), cursor.from + CONTEXT).replaceAll(/\s+/g, " ");
    return `mend it at character ${cursor.from + 1}, near "${near}"`;
  } while (cursor.next());
  return undefined;
}
