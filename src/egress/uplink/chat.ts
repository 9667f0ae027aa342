import type { Execute } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { ProtoMessage } from '../../api/message.ts';
import type { Receipt } from '../../api/receipt.ts';
import type { Exclusion, Target } from '../../api/target.ts';
import type { Answer, UplinkRequest } from './request.ts';

export const chatKeys = { user: 'chat', room: 'chat_room' } as const;

export interface ChatOptions {
  readonly execute: Execute;
  readonly newMessageId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFault: (reason: string) => void;
}

const needsUser: Answer = { code: '401', message: 'this key is for users: connect with a token, or bind' };
const namesOf = { [chatKeys.user]: ['to', 'receiver'], [chatKeys.room]: ['room', 'group'] } as const;

/**
 * The two keys that need no backend: `chat` sends to a user, `chat_room` to a room (group) that the sender's connection is a member of. What the receivers get is a
 * MessageProto whose action is the key, whose sender is the user that the connection is bound to, and whose content is the rest of the data; the sender's own connection gets none of its own
 * for a room. Never rejects.
 */
export async function answerChat(key: string, request: UplinkRequest, options: ChatOptions): Promise<Answer> {
  const { system, identity, cid } = request.from;
  if (identity === undefined) return needsUser;
  const isRoom = key === chatKeys.room;
  const names = namesOf[isRoom ? chatKeys.room : chatKeys.user];
  const receiver = receiverOf(request.data, names);
  if (receiver === undefined) {
    return { code: '400', message: `the data must say ${names.join(', or ')}: ${isRoom ? 'a room' : 'a uid'}` };
  }
  if (isRoom && !isMember(request, receiver))
    return { code: '403', message: 'only members of the room may send to it' };
  const target: Target = isRoom ? { to: 'groups', groups: [receiver] } : { to: 'users', uids: [receiver] };
  const exclude: Exclusion | undefined = isRoom ? { ids: [String(cid)] } : undefined;
  const message = messageOf(key, request, { sender: identity.uid, receiver, names, options });
  try {
    const receipt = await options.execute({
      type: 'push',
      door: 'client',
      system,
      target,
      message,
      ...(exclude && { exclude }),
    });
    return answerOf(receipt, isRoom);
  } catch (error) {
    return refusalOf(error, options.onFault);
  }
}

/** The one uid or room that the data names; two that differ are none. */
function receiverOf(data: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  const said = new Set(names.flatMap((name) => data.get(name) || []));
  return said.size === 1 ? [...said][0] : undefined;
}

function isMember({ from }: UplinkRequest, room: string): boolean {
  for (const { name } of from.groups?.keys() ?? []) if (name === room) return true;
  return false;
}

function messageOf(
  action: string,
  { data }: UplinkRequest,
  said: {
    readonly sender: string;
    readonly receiver: string;
    readonly names: readonly string[];
    readonly options: ChatOptions;
  },
): ProtoMessage {
  const content = new Map([...data].filter(([name]) => !said.names.includes(name)));
  return {
    kind: 'proto',
    messageId: said.options.newMessageId(),
    id: 0n,
    action,
    content,
    sender: said.sender,
    receiver: said.receiver,
    extra: new Map(),
    title: '',
    sendTime: BigInt(said.options.now()),
    image: '',
  };
}

function answerOf({ messageId, matched, delivered, missingNodes }: Receipt, isRoom: boolean): Answer {
  const data = JSON.stringify({ messageId, matched, delivered });
  if (matched > 0 || isRoom) return { code: '200', message: 'success', data };
  if (missingNodes.length > 0) return { code: '503', message: 'not every node could be asked for the receiver', data };
  return { code: '404', message: 'the receiver is offline', data };
}

function refusalOf(error: unknown, onFault: (reason: string) => void): Answer {
  if (!(error instanceof YunqueError)) {
    onFault((error as Error).message);
    return { code: '500', message: 'an unexpected fault' };
  }
  if (error.code === 'internal') onFault(String(error.cause ?? error.message));
  return { code: String(error.row.status), message: error.message };
}
