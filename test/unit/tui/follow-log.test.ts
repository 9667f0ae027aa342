import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientError, type ClientErrorKind } from '../../../src/client/client-error.ts';
import { LogFollower } from '../../../src/tui/feed/follow-log.ts';
import { emptyLog, type StreamLog } from '../../../src/tui/feed/log.ts';
import { eventually } from '../../support/eventually.ts';

/** Follows a stream that cannot be opened until `isThere`. */
function follow(kind: ClientErrorKind) {
  const place = { isThere: false, opened: 0, log: emptyLog as StreamLog<string> };
  const follower = new LogFollower<object, string, string>({
    async *open() {
      place.opened++;
      if (!place.isThere) throw new ClientError(kind, 'nobody listens there');
      yield 'hello';
    },
    read: (item) => ({ isOpen: true, item }),
    limit: 10,
    batchMs: 1,
    retryMs: 5,
    onChange: (log) => {
      place.log = log;
    },
  });
  follower.watch({});
  return Object.assign(place, { follower });
}

test('a stream of a node that is away is opened once the node is back', async () => {
  const place = follow('unreachable');
  await eventually('it has failed twice', () => place.opened >= 2 && place.log.link === 'failing');
  assert.equal(place.log.error, 'nobody listens there');
  place.isThere = true;
  await eventually('it has come', () => place.log.entries.length > 0);
  place.follower.close();
});

test('a stream that is refused is not asked for again, and one that is closed neither', async () => {
  const refused = follow('denied');
  const closed = follow('timed_out');
  await eventually('both have failed', () => refused.log.link === 'failing' && closed.log.link === 'failing');
  closed.follower.close();
  const { opened } = closed;
  const other = follow('unreachable');
  await eventually('another has been tried often', () => other.opened > 5);
  other.follower.close();
  assert.equal(refused.opened, 1);
  assert.equal(closed.opened, opened);
});
