import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { NodeEvent } from '../../../src/api/event.ts';
import { type Death, NodeDeaths } from '../../../src/egress/events/node-deaths.ts';

const event = (type: 'node_joined' | 'node_left' | 'node_down', peer: string, incarnation = 1): NodeEvent => {
  return { type, peer, incarnation, address: '', sequence: 1, time: 0, node: 'x' };
};

describe('the death of a node', () => {
  let alive: string[];
  let told: string[];
  let nodes: Map<string, NodeDeaths>;
  /** All that live hear of it. */
  const happens = (type: 'node_joined' | 'node_left' | 'node_down', peer: string, incarnation?: number) => {
    alive = type === 'node_joined' ? [...alive, peer] : alive.filter((id) => id !== peer);
    for (const id of alive) if (id !== peer) nodes.get(id)?.hear(event(type, peer, incarnation));
  };
  const create = (self: string) => {
    const tell = ({ peer, incarnation, cause }: Death) => told.push(`${self}: ${peer} ${incarnation} ${cause}`);
    nodes.set(self, new NodeDeaths({ self, members: () => alive, tell }));
  };

  beforeEach(() => {
    alive = ['a', 'b', 'c', 'd'];
    told = [];
    nodes = new Map();
    for (const id of alive) create(id);
  });

  test('is told by the living node with the lowest id, and by nobody else', () => {
    happens('node_down', 'c', 3);
    happens('node_left', 'd', 2);
    assert.deepEqual(told, ['a: c 3 died', 'a: d 2 left']);
  });

  test('is told again by the next when the one that told it goes: it may not have got it out', () => {
    happens('node_down', 'd');
    happens('node_down', 'a');
    assert.deepEqual(told, ['a: d 1 died', 'b: d 1 died', 'b: a 1 died']);
    happens('node_left', 'b');
    assert.deepEqual(told.slice(3), ['c: d 1 died', 'c: a 1 died', 'c: b 1 left']);
  });

  test('is told by an older node too while the lowest has just come, and may not know who was there', () => {
    create('0');
    happens('node_joined', '0');
    happens('node_down', 'c');
    assert.deepEqual(told.toSorted(), ['0: c 1 died', 'a: c 1 died']);
  });
});
