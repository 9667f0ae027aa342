import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StreamVerifier } from '../../../src/load/stream-verifier.ts';
import { createRandom } from '../../support/random.ts';

/** One receiver of target 0, one lane, that sees these numbers. */
function seeing(...sequences: number[]): StreamVerifier {
  const verifier = new StreamVerifier({ receivers: 1, lanes: 1, targetOf: Int32Array.of(0) });
  for (const sequence of sequences) verifier.see(0, 0, 0, sequence);
  return verifier;
}

const sent = (count: number, uncertain: readonly number[] = []) => ({
  counts: Uint32Array.of(count),
  uncertain: new Map([[0, new Set(uncertain)]]),
});
const clean = { received: 0, duplicated: 0, outOfOrder: 0, misdelivered: 0 };

describe('StreamVerifier', () => {
  test('finds nothing wrong with a whole stream', () => {
    const verifier = seeing(0, 1, 2, 3);
    assert.deepEqual(verifier.verdict, { ...clean, received: 4 });
    assert.equal(verifier.lost(sent(4)), 0);
  });

  test('finds a lost message in the middle, at the beginning, at the end, and where nothing came at all', () => {
    assert.equal(seeing(0, 1, 3).lost(sent(4)), 1);
    assert.equal(seeing(1, 2, 3).lost(sent(4)), 1);
    assert.equal(seeing(0, 1, 2).lost(sent(4)), 1);
    assert.equal(seeing().lost(sent(4)), 4);
  });

  test('finds a doubled message, at once and much later', () => {
    assert.deepEqual(seeing(0, 1, 1, 2).verdict, { ...clean, received: 3, duplicated: 1 });
    assert.deepEqual(seeing(0, 1, 2, 0).verdict, { ...clean, received: 3, duplicated: 1 });
    assert.deepEqual(seeing(0, 2, 1, 1).verdict, { ...clean, received: 3, outOfOrder: 1, duplicated: 1 });
  });

  test('finds two that were swapped, and calls neither lost', () => {
    const verifier = seeing(0, 2, 1, 3);
    assert.deepEqual(verifier.verdict, { ...clean, received: 4, outOfOrder: 1 });
    assert.equal(verifier.lost(sent(4)), 0);
  });

  test('finds what is for another target, for a lane there is not, and all that comes to who must see nothing', () => {
    const verifier = new StreamVerifier({ receivers: 2, lanes: 2, targetOf: Int32Array.of(1, -1) });
    verifier.see(0, 0, 0, 0);
    verifier.see(0, 1, 2, 0);
    verifier.see(1, 1, 0, 0);
    assert.deepEqual(verifier.verdict, { ...clean, misdelivered: 3 });
  });

  test('does not miss what the server may not have taken, nor mind that it came', () => {
    assert.equal(seeing(0, 3).lost(sent(5, [1, 4])), 1);
    assert.equal(seeing(0, 1, 2, 3, 4).lost(sent(5, [1, 4])), 0);
  });

  test('keeps lanes apart', () => {
    const verifier = new StreamVerifier({ receivers: 1, lanes: 2, targetOf: Int32Array.of(0) });
    for (const [lane, sequence] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const)
      verifier.see(0, 0, lane, sequence);
    assert.deepEqual(verifier.verdict, { ...clean, received: 4 });
    assert.equal(verifier.lost({ counts: Uint32Array.of(2, 3), uncertain: new Map() }), 1);
  });

  test('agrees with a plain count, whatever is lost, doubled and moved', () => {
    const random = createRandom(23);
    for (let round = 0; round < 200; round++) {
      const seen: number[] = [];
      for (let sequence = 0; sequence < 60; sequence++) {
        if (random() < 0.1) continue;
        seen.splice(random() < 0.1 ? Math.floor(random() * seen.length) : seen.length, 0, sequence);
        if (random() < 0.1) seen.push(sequence);
      }
      const verifier = seeing(...seen);
      const { received, duplicated } = verifier.verdict;
      assert.equal(received, new Set(seen).size);
      assert.equal(duplicated, seen.length - received);
      assert.equal(verifier.lost(sent(60)), 60 - received);
    }
  });
});
