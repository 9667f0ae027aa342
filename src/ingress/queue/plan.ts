import type { PushListItem } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Target } from '../../api/target.ts';
import type { ActPublication, Publication, PublishedMessage, PushPublication } from '../../wire/pub/publication.ts';

export interface PlanRules {
  /** Names in one list. */
  readonly batch: number;
  /** UTF-8 bytes of a name. */
  readonly idBytes: number;
}

/** Whom the messages of a publication are for: section 6 of the wire reference. Throws `bad_request` naming the field. */
export function planPublication(publication: Publication, rules: PlanRules): PushListItem[] {
  return publication.form === 'act' ? planAct(publication, rules) : [planPush(publication, rules)];
}

function planAct(publication: ActPublication, rules: PlanRules): PushListItem[] {
  const { at, messages, sids } = publication;
  if (messages.length === 0) throw wrong(`${at}msg`, 'is missing: there is no message to send');
  const nodes = sids === '' ? {} : { nodes: namesIn(sids, `${at}Sid`, rules) };
  if (publication.act === 'SENDLIST') {
    return messages.map((published, index) => ({
      ...toReceiver(published, `${at}msg[${index}].receiver`, rules),
      ...nodes,
    }));
  }
  const to = { ...targetOf(publication, rules), ...nodes };
  return messages.map(({ message }) => ({ ...to, message }));
}

function targetOf(publication: ActPublication, rules: PlanRules): Omit<PushListItem, 'message'> {
  const { act, at, uids, cid } = publication;
  switch (act) {
    case undefined:
      if (uids !== '') return { target: usersIn(publication, rules) };
      return { target: cid === 0n ? { to: 'system' } : connectionOf(publication) };
    case 'SENDALL':
      return { target: { to: 'system' } };
    case 'SENDUIDS':
    case 'SENDUID':
      return { target: usersIn(publication, rules) };
    case 'SENDUIDDID':
      return {
        target: {
          to: 'userConnections',
          uids: required(publication, rules),
          ids: connectionOf(publication).ids,
        },
      };
    case 'SENDDID':
      return { target: connectionOf(publication) };
    case 'SENDOTHER':
      return {
        target: { to: 'system' },
        ...(uids !== '' && { exclude: { uids: namesIn(uids, `${at}Uid`, rules) } }),
      };
    case 'SENDROOM':
      return { target: { to: 'groups', groups: required(publication, rules) } };
    case 'SENDLIST':
      throw new TypeError('each message of a list has a target of its own');
    default:
      return act satisfies never;
  }
}

function toReceiver({ message, receiver }: PublishedMessage, field: string, rules: PlanRules): PushListItem {
  if (receiver === '') throw wrong(field, 'is missing: with SENDLIST it is the uid the message is for');
  checkLength(receiver, field, rules);
  return { target: { to: 'users', uids: [receiver] }, message };
}

function usersIn(publication: ActPublication, rules: PlanRules): Target {
  return { to: 'users', uids: required(publication, rules) };
}

/** The names in Uid, of which there must be some. */
function required({ act, at, uids }: ActPublication, rules: PlanRules): string[] {
  const field = `${at}Uid`;
  if (uids !== '') return namesIn(uids, field, rules);
  throw wrong(field, `is missing: ${act} needs ${act === 'SENDROOM' ? 'the names of rooms' : 'uids'} there`);
}

const mostCid = 2n ** 53n;

function connectionOf({ act, at, cid }: ActPublication): Extract<Target, { to: 'connections' }> {
  if (cid > 0n && cid < mostCid) return { to: 'connections', ids: [String(cid)] };
  const why = cid === 0n ? `is missing: ${act} needs the number of a connection` : 'must be positive and below 2^53';
  throw wrong(`${at}Cid`, why);
}

/** Those of a list separated by commas, without blanks around them. Something is there: where no name is, it is not taken for nobody or everyone. */
function namesIn(list: string, field: string, rules: PlanRules): string[] {
  const names: string[] = [];
  for (const part of list.split(',')) {
    const name = part.trim();
    if (name === '') continue;
    checkLength(name, field, rules);
    names.push(name);
  }
  if (names.length === 0) throw wrong(field, 'holds no name');
  checkCount(names, field, rules);
  return names;
}

function planPush({ at, to, message }: PushPublication, rules: PlanRules): PushListItem {
  if (to === undefined) return { target: { to: 'system' }, message };
  if ('clientId' in to) {
    checkLength(to.clientId, `${at}clientId`, rules);
    return { target: { to: 'connections', ids: [to.clientId] }, message };
  }
  if ('groupName' in to) {
    checkLength(to.groupName, `${at}groupName`, rules);
    return { target: { to: 'groups', groups: [to.groupName] }, message };
  }
  checkCount(to.clientIds, `${at}clientIds`, rules);
  for (const id of to.clientIds) checkLength(id, `${at}clientIds`, rules);
  return { target: { to: 'connections', ids: to.clientIds }, message };
}

function checkCount(names: readonly string[], field: string, { batch }: PlanRules): void {
  if (names.length > batch)
    throw wrong(field, `has ${names.length} names; at most ${batch} are allowed (limits.batch)`);
}

function checkLength(name: string, field: string, { idBytes }: PlanRules): void {
  if (name.length * 3 <= idBytes || Buffer.byteLength(name) <= idBytes) return;
  throw wrong(field, `has a name longer than ${idBytes} bytes (limits.idBytes)`);
}

function wrong(field: string, what: string): YunqueError {
  return new YunqueError('bad_request', `${field} ${what}`, { field });
}
