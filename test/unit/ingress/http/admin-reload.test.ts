import assert from 'node:assert/strict';
import test from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import type { Actor } from '../../../../src/telemetry/audit.ts';
import { startDoors } from './harness.ts';

test('a reload is answered with what changed, and done for the one who asked', async (t) => {
  const actors: Actor[] = [];
  const answer = { changes: [{ key: 'a', old: 1, new: [2], effect: 'applied' }], warnings: ['w'] } as const;
  const reload = async (actor: Actor) => {
    actors.push(actor);
    return answer;
  };
  const doors = await startDoors(t, {}, { reload });
  const { status, text } = await doors.post('/admin/v1/reload', '{}');
  assert.deepEqual([status, JSON.parse(text)], [200, answer]);
  assert.equal(actors.length, 1);
  assert.equal(actors[0]?.remoteAddress, '127.0.0.1');
  assert.deepEqual(doors.judged, ['administer']);
});

test('one that finds mistakes is answered 422 with all of them', async (t) => {
  const reload = async () => {
    throw new YunqueError('bad_config', undefined, { problems: ['one', 'two'] });
  };
  const doors = await startDoors(t, {}, { reload });
  const { status, text } = await doors.post('/admin/v1/reload', '{}');
  assert.equal(status, 422);
  const { code, problems } = JSON.parse(text).error;
  assert.deepEqual([code, problems], ['bad_config', ['one', 'two']]);
});
