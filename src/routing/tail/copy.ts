import type { TailCopy } from '../../api/tail.ts';
import type { Target } from '../../api/target.ts';
import { cutText } from './cut.ts';
import { redacted, redactedName } from './redact.ts';
import type { Seen } from './tap.ts';

/** Bytes of a body that a copy shows. */
const mostBodyBytes = 8 * 1024;
const mostKindBytes = 256;
/** Names of a target that a copy shows. */
const mostNames = 10;

export function copyOf(seen: Seen, { node, redact }: { readonly node: string; readonly redact: boolean }): TailCopy {
  const { time, system, direction, door, messageId, target, at, receipt } = seen;
  const { kind, text } = seen.body();
  const whole = cutText(text, mostBodyBytes);
  const shown = redact ? cutText(redacted(text), mostBodyBytes) : whole;
  return {
    type: 'copy',
    time,
    node,
    system,
    direction,
    ...(door !== undefined && { door }),
    ...(messageId !== undefined && { messageId }),
    ...(target !== undefined && shortTarget(target)),
    ...(at !== undefined && { cid: String(at.cid) }),
    ...(at?.uid !== undefined && { uid: at.uid }),
    // Of a request it is what its client has made up.
    kind: redact && direction === 'in' ? redactedName(kind) : cutText(kind, mostKindBytes).text,
    bytes: whole.bytes,
    body: shown.text,
    isRedacted: redact,
    isCut: shown.isCut,
    ...(receipt !== undefined && {
      matched: receipt.matched,
      delivered: receipt.delivered,
      dropped: receipt.dropped,
    }),
  };
}

function shortTarget(target: Target): Pick<TailCopy, 'target' | 'targets'> {
  const short = Object.fromEntries(
    Object.entries(target).map(([name, value]) => [name, Array.isArray(value) ? value.slice(0, mostNames) : value]),
  ) as unknown as Target;
  const named = Math.max(0, ...Object.values(target).map((value) => (Array.isArray(value) ? value.length : 0)));
  return { target: short, ...(named > mostNames && { targets: named }) };
}
