import { closeMeaning } from '../../api/close-code.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { ConnectionEnd } from '../../api/history.ts';
import type { ConnectionInfo } from '../../api/listing.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatAge, formatBytes, formatExact } from '../../util/figures.ts';
import { closeWords } from '../close-code.ts';
import { localTime } from '../output/time.ts';
import type { Texts } from '../text/en.ts';

/** What is to be said of an event beside its type. */
export function eventWords(event: NodeEvent, text: Texts): string {
  const { history, line } = text;
  switch (event.type) {
    case 'connected':
      return history.connected(event.dialect, event.remoteAddress);
    case 'bound':
      return history.bound(event.uid ?? '', [event.deviceId, event.channel].filter(Boolean).join(', '));
    case 'joined':
    case 'left':
      return event.group;
    case 'kicked':
      return event.reason;
    case 'replaced':
      return history.replaced(event.reason);
    case 'banned':
      return history.banned(localTime(event.until), event.reason);
    case 'disconnected': {
      const meaning = closeMeaning(event.code, event.reason);
      const closed = line.closed(event.code, meaning.name, closeWords(meaning, event.reason, text));
      return event.end === undefined ? closed : history.ended(closed, standingWords(event.end, text));
    }
    default:
      return '';
  }
}

/** One that is open. */
export function connectionWords(connection: ConnectionInfo, text: Texts): string {
  const { node, cid, dialect } = connection;
  return sanitizeLine(text.history.isConnected(node, cid, dialect, standingWords(connection, text)));
}

function standingWords(
  { ageSeconds, idleSeconds, delivered, dropped, queueBytes }: ConnectionEnd,
  text: Texts,
): string {
  return text.history.standing({
    age: formatAge(ageSeconds),
    idle: formatAge(idleSeconds),
    delivered: formatExact(delivered),
    dropped: formatExact(dropped),
    waiting: formatBytes(queueBytes),
  });
}
