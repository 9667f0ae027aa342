import { writeFile } from 'node:fs/promises';
import type { Target } from '../../api/target.ts';
import type { AdminClient } from '../../client/admin-client.ts';
import { asJsonText } from '../../client/send-body.ts';
import type { Subject } from '../state/subject.ts';
import type { Actions } from './actions.ts';

/** What the dashboard may do, done by the admin API as `client kick`, `user kick` and `send` do it. */
export function createAdminActions(client: Pick<AdminClient, 'kickConnection' | 'kickUser' | 'send'>): Actions {
  return {
    kick: (subject) =>
      subject.kind === 'client'
        ? client.kickConnection(subject.cid, { system: subject.system })
        : client.kickUser(subject.uid, { system: subject.system }),
    send: (subject, text) =>
      client.send({ system: subject.system, target: targetOf(subject), push: {} }, asJsonText(text)),
    save: saveFile,
  };
}

/** Where there is nobody to act on: only files are written. */
export function createFileActions(): Actions {
  const refuse = () => Promise.reject(new Error('a recording is shown: nothing in it can be changed'));
  return { kick: refuse, send: refuse, save: saveFile };
}

function targetOf(subject: Subject): Target {
  switch (subject.kind) {
    case 'client':
      return { to: 'connections', ids: [subject.cid] };
    case 'user':
      return { to: 'users', uids: [subject.uid] };
    case 'group':
      return { to: 'groups', groups: [subject.group] };
    case 'system':
      return { to: 'system' };
  }
}

/** Names and bodies are the operator's alone to read. */
async function saveFile(file: string, text: string, overwrite: boolean): Promise<'saved' | 'exists'> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: overwrite ? 'w' : 'wx' });
    return 'saved';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'exists';
    throw error;
  }
}
