import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { BadInputError, EXIT_DONE } from "../exit.ts";

/** What may follow a chain of commands such as `import inferno`. */
interface Entry {
  path: string;
  words: string[];
  /** Options whose value is one of a few. */
  choices: [option: string, values: string[]][];
}

/** `apportion completion bash|zsh`: made from the tree of commands, so it cannot fall behind it. */
export function runCompletion(context: CliContext, program: Command, shell: string): number {
  if (shell !== "bash" && shell !== "zsh") {
    throw new BadInputError([`completion for ${shell} is not there; ask for bash or zsh`]);
  }
  const entries = collect(program, "");
  // zsh runs the bash function through its compatibility layer.
  const prefix = shell === "zsh" ? "#compdef apportion\nautoload -U +X bashcompinit && bashcompinit\n" : "";
  context.stdout.write(prefix + bashScript(entries));
  return EXIT_DONE;
}

function collect(command: Command, path: string): Entry[] {
  const options = [...command.options, { long: "--help", argChoices: undefined }];
  const entry: Entry = {
    path,
    words: [...command.commands.map((child) => child.name()), ...options.flatMap((option) => option.long ?? [])],
    choices: options.flatMap((option): [string, string[]][] =>
      option.long && option.argChoices ? [[option.long, [...option.argChoices]]] : [],
    ),
  };
  if (command.name() === "completion") entry.words.unshift("bash", "zsh");
  return [entry, ...command.commands.flatMap((child) => collect(child, `${path} ${child.name()}`.trim()))];
}

function bashScript(entries: Entry[]): string {
  const paths = entries.map((entry) => entry.path).filter((path) => path !== "");
  const words = entries.map((entry) => `    "${entry.path}") words="${entry.words.join(" ")}" ;;`);
  const values = entries.flatMap((entry) =>
    entry.choices.map(([option, of]) => `    "${entry.path} ${option}") words="${of.join(" ")}" ;;`),
  );
  return `# completion of apportion
_apportion() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${paths.map((path) => `"${path}"`).join("|")}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path $previous" in
${values.join("\n")}
  esac
  if [ -z "$words" ]; then
    case "$path" in
${words.join("\n")}
    esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F _apportion apportion
`;
}
