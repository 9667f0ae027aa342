/** What the manual page says beside the commands, in English. `man-zh.ts` has the same shape. */
export const manEn = {
  titles: {
    name: 'NAME',
    synopsis: 'SYNOPSIS',
    description: 'DESCRIPTION',
    options: 'OPTIONS',
    commands: 'COMMANDS',
    environment: 'ENVIRONMENT',
    files: 'FILES',
    exit: 'EXIT STATUS',
    examples: 'EXAMPLES',
  },
  short: 'push messages to WebSocket connections, users, devices, groups, systems or everyone',
  description: [
    'yunque is a server that pushes messages to WebSocket clients, and the tool of its operator. The commands talk to a node: to the one of this machine by its operator socket, or to the server that -s, -C, YUNQUE_SERVER, YUNQUE_CONTEXT or the current context names, in this order.',
    'Results go to standard output, everything else to standard error. Keys and tokens are never arguments: every user of a machine can see those.',
  ],
  optionsIntro: 'These may stand before or after the command.',
  choices: (list: string) => `One of ${list}.`,
  fallback: (value: string) => `Default: ${value}.`,
  environment: [
    ['YUNQUE_SERVER', 'the server, as after -s'],
    ['YUNQUE_CONTEXT', 'the context, as after -C'],
    ['YUNQUE_COMPLETION_TIMEOUT', 'how long completion waits for names; 300ms where it is not set'],
    ['YUNQUE_KEY, YUNQUE_KEY_FILE', 'the operator key, or the file that holds it'],
    ['YUNQUE_CA_FILE', 'as --ca-file'],
    ['YUNQUE_TOKEN', 'the token of connect and token check'],
    ['YUNQUE_DATA_DIR', 'the data directory of serve; the commands look for operator sockets there too'],
    ['NO_COLOR', 'no colours, where it is set and not empty'],
    ['LC_ALL, LC_MESSAGES, LANG', 'the language where --lang does not name it: the first that is set'],
    [
      'XDG_CONFIG_HOME, XDG_RUNTIME_DIR, XDG_STATE_HOME',
      'where the files below are, instead of ~/.config, ~/.local/state/yunque/run and ~/.local/state',
    ],
    [
      'YUNQUE_…',
      'every setting of the configuration has its variable too; yunque config show --sources tells which are in force',
    ],
  ],
  files: [
    ['$XDG_CONFIG_HOME/yunque/contexts.json', 'the contexts of the user (0600)'],
    ['$XDG_RUNTIME_DIR/yunque/PORT.sock', 'the operator socket of the node on PORT'],
    ['$XDG_RUNTIME_DIR/yunque/PORT.key', 'the operator key that a node makes where none is configured'],
    [
      '$XDG_STATE_HOME/yunque/PORT/',
      'the data directory of the node on PORT where none is named: systems, keys, bans, and of nodes in the background the log and the process id',
    ],
    ['configs/config.yaml', 'the configuration that serve and config look for first'],
  ],
} as const satisfies ManTexts;

export interface ManTexts {
  readonly titles: Readonly<
    Record<
      'name' | 'synopsis' | 'description' | 'options' | 'commands' | 'environment' | 'files' | 'exit' | 'examples',
      string
    >
  >;
  readonly short: string;
  readonly description: readonly string[];
  readonly optionsIntro: string;
  readonly choices: (list: string) => string;
  readonly fallback: (value: string) => string;
  readonly environment: readonly (readonly [name: string, meaning: string])[];
  readonly files: readonly (readonly [name: string, meaning: string])[];
}
