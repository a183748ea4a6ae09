import type { Progress } from "@apportion/solver";
import type { Output } from "../context.ts";
import { decimal, gapText, milliseconds } from "./text.ts";

const SHOW_AFTER_MS = 300;
const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001b[2K";

export interface ProgressLine {
  update(progress: Progress): void;
  clear(): void;
}

/** One line that tells how the gap falls, redrawn in place: only on a terminal, only for solves that take a while. */
export function progressLine(out: Output, nowMs: () => number = () => performance.now()): ProgressLine {
  let drawnMs = nowMs() + SHOW_AFTER_MS - REDRAW_MS;
  let visible = false;
  return {
    update(progress) {
      const now = nowMs();
      if (!out.isTTY || now - drawnMs < REDRAW_MS) return;
      drawnMs = now;
      visible = true;
      out.write(CLEAR_LINE + progressText(progress).slice(0, (out.columns || 80) - 1));
    },
    clear() {
      if (visible) out.write(CLEAR_LINE);
      visible = false;
    },
  };
}

function progressText({ stage, incumbent, bound, gap, elapsedMs }: Progress): string {
  return `${milliseconds(elapsedMs)}  ${stage}  best ${decimal(incumbent, 4)}  bound ${decimal(bound, 4)}  gap ${gapText(gap)}`;
}
