import { type Row, renderTable } from "./table.ts";
import { printable } from "./text.ts";

/** What a cycle decided for one variant. */
export interface DecidedVariant {
  name: string;
  asked: number;
  minReplicas: number;
  /** Infinity: unbounded. */
  maxReplicas: number;
  decided: number;
  notes: readonly { code: string; sentence: string }[];
}

/** Counts of every variant with the bounds that they were planned within, and why those are so. */
export function decisionView(variants: readonly DecidedVariant[], lines: readonly string[], width: number): string {
  const rows = variants.flatMap(({ name, asked, minReplicas, maxReplicas, decided, notes }): Row[] => {
    const most = Number.isFinite(maxReplicas) ? String(maxReplicas) : "";
    const cells = [name, String(asked), String(minReplicas), most, String(decided)];
    return [cells, ...notes.map(({ code, sentence }) => ({ note: `${code}: ${sentence}` }))];
  });
  const number = { align: "right" } as const;
  const columns = [
    { title: "variant", shrinkTo: 12 },
    { title: "asked", ...number },
    { title: "min", ...number },
    { title: "max", ...number },
    { title: "decided", ...number },
  ];
  return `${[renderTable(columns, rows, width), ...lines.map(printable)].join("\n")}\n`;
}
