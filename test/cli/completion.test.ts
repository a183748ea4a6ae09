import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { apportion, temporaryFile } from "./apportion.ts";

/** What bash offers for a line that ends at the cursor. */
function offered(script: string, line: string): string[] {
  const words = line.split(" ");
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _apportion; echo "\${COMPREPLY[*]}"`;
  return execFileSync("bash", ["-c", program, "bash", script, ...words], { encoding: "utf8" })
    .trim()
    .split(" ");
}

test("bash completes commands, options and values of options", async () => {
  const { code, stdout } = await apportion(["completion", "bash"]);
  expect(code).toBe(0);
  const script = temporaryFile("completion.bash", stdout);
  expect(offered(script, "apportion sol")).toEqual(["solve"]);
  expect(offered(script, "apportion import ")).toEqual(["inferno", "melange", "--help"]);
  expect(offered(script, "apportion solve file --th")).toEqual(["--threads"]);
  expect(offered(script, "apportion solve --engine ")).toEqual(["auto", "price", "highs", "jslp"]);
  expect(offered(script, "apportion import inferno --format ")).toEqual(["yaml", "json"]);
  expect(offered(script, "apportion completion ")).toContain("zsh");
});

test("zsh gets the same through its compatibility layer", async () => {
  const { code, stdout } = await apportion(["completion", "zsh"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^#compdef apportion\nautoload -U \+X bashcompinit && bashcompinit\n/);
  expect(stdout).toContain("complete -o default -F _apportion apportion");
});
