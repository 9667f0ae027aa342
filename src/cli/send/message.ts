import type { SendRequest } from '../../api/admin.ts';
import { asJsonText } from '../../client/send-body.ts';
import { CliError } from '../cli-error.ts';
import type { Texts } from '../text/en.ts';

/** The flags that say what a message looks like. */
export interface MessageFlags {
  readonly from?: string;
  readonly code?: number;
  readonly msg?: string;
  readonly action?: string;
  readonly title?: string;
  readonly content?: Readonly<Record<string, string>>;
  readonly extra?: Readonly<Record<string, string>>;
  readonly id?: string;
}

/** Ready for the client's `send`: `dataText` is `push.data` as JSON text. */
export interface MessagePart {
  readonly request: Pick<SendRequest, 'push' | 'message'>;
  readonly dataText?: string;
}

/**
 * A push of go-websocket with the body as its `data`, or, as soon as a flag of MessageProto is there, a MessageProto with
 * the body as `content.content`. Receivers of every dialect can read either. Throws `CliError` where the flags are mixed
 * or there is nothing to send.
 */
export function messageOf(flags: MessageFlags, body: string | undefined, text: Texts): MessagePart {
  const isProto = [flags.action, flags.title, flags.content, flags.extra, flags.id].some((flag) => flag !== undefined);
  const isPush = flags.code !== undefined || flags.msg !== undefined;
  if (isProto && isPush) throw new CliError(text.line.twoShapes);
  if (isProto) return { request: { message: protoMessage(flags, body) } };
  if (body === undefined && !isPush) throw new CliError(text.line.needBody, { hint: text.line.needBodyHint });
  const { from, code, msg } = flags;
  const push = {
    ...(from !== undefined && { sendUserId: from }),
    ...(code !== undefined && { code }),
    ...(msg !== undefined && { msg }),
  };
  return { request: { push }, ...(body !== undefined && { dataText: asJsonText(body) }) };
}

function protoMessage(flags: MessageFlags, body: string | undefined): NonNullable<SendRequest['message']> {
  const { id, action, title, extra, from } = flags;
  const content = { ...(body !== undefined && { content: body }), ...flags.content };
  return {
    ...(id !== undefined && { id }),
    ...(action !== undefined && { action }),
    ...(from !== undefined && { sender: from }),
    ...(title !== undefined && { title }),
    ...(extra !== undefined && { extra }),
    content,
  };
}
