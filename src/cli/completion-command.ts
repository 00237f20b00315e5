import { Argument, Command, type Option } from 'commander';
import { PRIORS, QUALITIES, TASK_CHOICES } from '../engine/choices.ts';
import { OUTPUT_FORMATS } from '../node/encode.ts';
import { NODE_EXECUTORS } from './restore-options.ts';

/** What an option may be, where its value is one of a few words. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  '--task': TASK_CHOICES,
  '--quality': QUALITIES,
  '--prior': PRIORS,
  '--executor': NODE_EXECUTORS,
  '--format': OUTPUT_FORMATS,
  '--mask-known': ['white', 'black'],
};

const SHELLS = { bash, zsh, fish } as const satisfies Record<
  string,
  (commands: readonly Command[]) => string
>;

/** `prior-art completion`, of the commands that `program` has when it is asked. */
export function completionCommand(program: Command): Command {
  return new Command('completion')
    .description("Print a shell's completion script: source <(prior-art completion bash)")
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => console.log(SHELLS[shell](program.commands)));
}

const names = (command: Command) => command.options.map(({ long }) => long).join(' ');

function bash(commands: readonly Command[]): string {
  const reply = (words: string) => `COMPREPLY=($(compgen -W "${words}" -- "$cur"))`;
  return `_prior_art() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then ${reply(commands.map((command) => command.name()).join(' '))}; return; fi
  case "$prev" in
${Object.entries(CHOICES)
  .map(([name, words]) => `    ${name}) ${reply(words.join(' '))}; return ;;`)
  .join('\n')}
  esac
  case "$cur" in -*) case "\${COMP_WORDS[1]}" in
${commands.map((command) => `    ${command.name()}) ${reply(names(command))} ;;`).join('\n')}
  esac ;; esac
}
complete -o default -F _prior_art prior-art`;
}

function zsh(commands: readonly Command[]): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const option = (command: Command, { long, short, description }: Option) => {
    const words = CHOICES[long ?? ''];
    return [
      `complete -c prior-art -n '__fish_seen_subcommand_from ${command.name()}' -l ${long?.slice(2)}`,
      ...(short ? [`-s ${short.slice(1)}`] : []),
      ...(words ? [`-xa ${quoted(words.join(' '))}`] : []),
      `-d ${quoted(description)}`,
    ].join(' ');
  };
  return commands
    .flatMap((command) => [
      `complete -c prior-art -n __fish_use_subcommand -xa ${command.name()} -d ${quoted(command.description())}`,
      ...command.options.map((one) => option(command, one)),
    ])
    .join('\n');
}
