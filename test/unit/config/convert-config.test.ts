import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertConfig } from '../../../src/config/convert-config.ts';
import { errorOf, filesOf, load } from './helpers.ts';

const convert = (name: string, text: string) =>
  convertConfig({ file: name, cwd: '/srv/yunque', mask: false, readFile: filesOf({ [name]: text }) }).text;

test('go-websocket’s file becomes YAML with the same meaning', () => {
  const ini = '[common]\ncluster = false\ncrypto_key = 0123456789abcdef\n[redis]\nhost = h\npassword = hidden\n';
  const yaml = convert('a.ini', ini);
  assert.equal(
    yaml,
    'crypto:\n  key: 0123456789abcdef\ncluster:\n  enabled: false\nredis:\n  host: h\n  password: hidden\n',
  );
  assert.deepEqual(load({ 'configs/config.yaml': yaml }).config, load({ 'configs/config.ini': ini }).config);
});

test('a cluster of go-websocket becomes one in YAML, whether or not it could start', () => {
  const servers =
    '[redis]\nhost = 10.0.0.7\nport = 6380\npassword =\n[rabbitMQ]\namqpurl = amqp://u:p@h/v\nexchange = x\n';
  for (const key of ['', '0123456789abcdef']) {
    const yaml = convert('a.ini', `[common]\ncluster = true\ncrypto_key = ${key}\n${servers}`);
    assert.equal(
      yaml.replace(/^crypto:\n.*\n/, ''),
      'cluster:\n  enabled: true\n  bus: rabbitmq\nredis:\n  host: 10.0.0.7\n  port: 6380\nrabbitmq:\n  url: amqp://u:p@h/v\n  exchange: x\n',
    );
  }
  assert.match(convert('b.ini', '[common]\ncluster = true\n[rabbitMQ]\namqpurl =\n'), /bus: rpc\n$/);
});

test('YAML comes out nested, in the order of the documentation, in one spelling, and saying nothing more', () => {
  const text =
    'limits.payload: 65536\nlog: {level: debug}\nport: 7001\nbindTimeout: 90000\npaths: {/ws: null, /x: cim, /cim: cim}\n';
  assert.equal(
    convert('a.yaml', text),
    'port: 7001\npaths:\n  /x: cim\n  /ws: null\nbindTimeout: 90s\nlimits:\n  payload: 64KiB\nlog:\n  level: debug\n'.replace(
      '90s',
      '90s',
    ),
  );
});

test('a conversion keeps the meaning, and a second one changes nothing', () => {
  const text = `host: "::"
listeners: [{port: 34567, dialect: cim}, {host: 127.0.0.1, port: 1, dialect: json}]
dataDir: "123"
paths: {/cim: null, /y: yunque}
systems: {required: true, list: ["007", "true", shop]}
auth: {trustedNetworks: [10.0.0.1], trustLoopback: false}
crypto: {key: "1234567890123456"}
devices: {exclusive: [], coexist: [web, mac]}
drain: {grace: 0, duration: 0, hardLimit: 1500}
`;
  const once = convert('a.yaml', text);
  assert.deepEqual(load({ 'configs/config.yaml': once }).config, load({ 'configs/config.yaml': text }).config);
  assert.equal(convert('a.yaml', once), once);
});

test('a file that says nothing becomes one that says nothing', () => {
  assert.equal(convert('a.yaml', '# nothing\n'), '');
});

test('a wrong file is refused with its place', () => {
  assert.match(
    errorOf(() => convert('a.yaml', 'prot: 1')).message,
    /a\.yaml:1:1: unknown key "prot" – did you mean "port"\?/,
  );
});
