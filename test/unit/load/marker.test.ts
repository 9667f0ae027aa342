import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createMagic,
  isMarkAt,
  laneOfMark,
  markLength,
  markText,
  mostLanes,
  mostTargets,
  sequenceOfMark,
  targetOfMark,
  timeOfMark,
} from '../../../src/load/marker.ts';
import { createRandom } from '../../support/random.ts';

describe('marks', () => {
  test('come out as they went in, the largest of each number too', () => {
    const random = createRandom(3);
    const magic = createMagic(random);
    const largest = {
      target: mostTargets - 1,
      lane: mostLanes - 1,
      sequence: 2 ** 30 - 1,
      timeMicros: 2 ** 36 - 1,
    };
    const some = Array.from({ length: 200 }, () => ({
      target: Math.floor(random() * mostTargets),
      lane: Math.floor(random() * mostLanes),
      sequence: Math.floor(random() * 2 ** 30),
      timeMicros: Math.floor(random() * 2 ** 36),
    }));
    for (const mark of [largest, { target: 0, lane: 0, sequence: 0, timeMicros: 0 }, ...some]) {
      const bytes = Buffer.from(`..${markText(magic, mark)}..`);
      assert.equal(bytes.length, markLength + 4);
      assert.ok(isMarkAt(bytes, 2, Buffer.from(magic)));
      const read = {
        target: targetOfMark(bytes, 2),
        lane: laneOfMark(bytes, 2),
        sequence: sequenceOfMark(bytes, 2),
        timeMicros: timeOfMark(bytes, 2),
      };
      assert.deepEqual(read, mark);
    }
  });

  test('need no escape in JSON, and nothing else of theirs is taken for them', () => {
    const magic = createMagic(createRandom(5));
    const text = markText(magic, { target: 1, lane: 2, sequence: 3, timeMicros: 4 });
    assert.equal(JSON.stringify(JSON.stringify(text)), `"\\"${text}\\""`);
    for (let at = 0; at < magic.length; at++) {
      const other = Buffer.from(text);
      other[at] = (other[at] as number) ^ 1;
      assert.equal(isMarkAt(other, 0, Buffer.from(magic)), false);
    }
  });
});
