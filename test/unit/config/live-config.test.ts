import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveConfig } from '../../../src/config/live-config.ts';
import { defaultConfig } from '../../support/default-config.ts';
import { load } from './helpers.ts';

const read = load({
  'configs/config.yaml':
    'bindTimeout: 3s\nheartbeat.json.timeout: 4s\npaths: {/chat: json, /ws: null}\nhost: 127.0.0.1\n',
});
const other = read.config;

function open() {
  return createLiveConfig(defaultConfig(), () => ({
    ...read,
    problems: [],
    isWhole: () => true,
    inOrder: (all) => all,
  }));
}

test('a configuration in force reads like the one it was made from, and then like the one that replaced it', () => {
  const live = open();
  assert.deepEqual(structuredClone(live.config), structuredClone(defaultConfig()));
  live.replace(other);
  assert.deepEqual(structuredClone(live.config), structuredClone(other));
  assert.equal(live.inForce, other);
});

test('a section that was kept follows, however deep; a value that was kept does not', () => {
  const live = open();
  const { heartbeat, bindTimeoutMs, paths } = live.config;
  const { json } = heartbeat;
  live.replace(other);
  assert.equal(json.timeoutMs, 4000);
  assert.equal(live.config.heartbeat.json, json);
  assert.equal(bindTimeoutMs, defaultConfig().bindTimeoutMs);
  assert.notEqual(live.config.paths, paths, 'a map is a value');
  assert.equal(live.config.paths, other.paths);
});

test('nobody can change it by hand', () => {
  const { config } = open();
  assert.throws(() => Object.assign(config, { port: 1 }), TypeError);
  assert.throws(() => Object.assign(config.drain, { durationMs: 1 }), TypeError);
});
