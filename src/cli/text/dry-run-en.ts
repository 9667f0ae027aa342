import { formatBytes } from '../../util/figures.ts';

const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const connections = (count: number) => `${count} ${count === 1 ? 'connection' : 'connections'}`;

/** What `--dry-run` says a command would do; of each step its words. */
export const dryRunEn = {
  would: 'would',
  nothing: 'change nothing',
  nodes: 'nodes',
  dialects: 'dialects',
  unknown: 'not there',
  noAnswer: 'no answer',
  exit: 'exit code',
  nothingDone: 'nothing was done: this was --dry-run',
  reloadHint:
    'what would change is known to the node alone; yunque config check judges a configuration of this machine',
  steps: {
    send: (step: { connections: number; system: string }) =>
      `send it to ${connections(step.connections)} in ${step.system}`,
    close: (step: { connections: number; system: string }) =>
      `close ${connections(step.connections)} in ${step.system}`,
    ban: (step: { uid: string; system: string; until: number }) =>
      `refuse the logins of ${step.uid} in ${step.system} until ${time(step.until)}`,
    unban: (step: { uid: string; system: string }) => `let ${step.uid} log in to ${step.system} again`,
    join: (step: { group: string; system: string; connections: number }) =>
      `put ${connections(step.connections)} into the group ${step.group} in ${step.system}`,
    leave: (step: { group: string; system: string; connections: number }) =>
      `take ${connections(step.connections)} out of the group ${step.group} in ${step.system}`,
    'remove-group': (step: { group: string; system: string; connections: number }) =>
      `remove the group ${step.group} in ${step.system}, with ${connections(step.connections)} in it`,
    'add-system': (step: { system: string }) => `add the system ${step.system}`,
    'remove-system': (step: { system: string; connections: number; keys: number; bans: number }) =>
      `remove the system ${step.system}: close ${connections(step.connections)}, forget ${step.keys} API keys and ${step.bans} bans`,
    'make-key': (step: { system?: string; role: string; expiresAt?: number }) =>
      `make an API key of ${step.system === undefined ? 'the operator' : `the system ${step.system}`}, role ${step.role}${
        step.expiresAt === undefined ? '' : `, valid until ${time(step.expiresAt)}`
      }`,
    'keep-key': (step: { id: string }) => `leave the key ${step.id} valid beside it`,
    'end-key': (step: { id: string }) => `end the key ${step.id}`,
    drain: (step: { node: string; connections: number; perSecond?: number }) =>
      `send ${connections(step.connections)} of the node ${step.node} away${
        step.perSecond === undefined ? '' : `, ${step.perSecond} a second`
      }, and let it take no others`,
    resume: (step: { node: string }) => `let the node ${step.node} take clients again`,
    'heap-snapshot': (step: { node: string; heapBytes: number }) =>
      `hold the node ${step.node} up while it writes a heap of ${formatBytes(step.heapBytes)} to its data directory`,
    stop: (step: { node: string; connections: number; now: boolean }) =>
      `stop the node ${step.node} and close its ${connections(step.connections)}${step.now ? ' at once' : ''}`,
    reload: (step: { node: string }) =>
      `let the node ${step.node} read its configuration again and open its log files anew`,
    'save-context': (step: { context: string; server: string; isReplaced: boolean }) =>
      `${step.isReplaced ? 'replace' : 'add'} the context ${step.context}, for ${step.server}`,
    'use-context': (step: { context: string | null }) =>
      step.context === null ? 'let no context be the current one' : `make ${step.context} the current context`,
    'forget-context': (step: { context: string }) => `forget the context ${step.context}`,
    'write-file': (step: { file: string }) => `write ${step.file}`,
    'mint-token': (step: { uid: string; system: string; expiresAt: number; alg: string }) =>
      `make a token for ${step.uid} in ${step.system}, ${step.alg}, good until ${time(step.expiresAt)}`,
  },
} as const;
