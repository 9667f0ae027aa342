import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, load, problemsOf } from './helpers.ts';

const inFile = (text: string) => problemsOf({ 'configs/config.yaml': text });

test('an unknown key is named with its place and the nearest known key', () => {
  assert.deepEqual(inFile('# here\nhearbeat:\n  json: {timeout: 1s}\nlimits:\n  paylod: 1KiB\n'), [
    'configs/config.yaml:2:1: unknown key "hearbeat" – did you mean "heartbeat"?',
    'configs/config.yaml:5:3: unknown key "limits.paylod" – did you mean "limits.payload"?',
  ]);
});

test('a key in the wrong place or spelling is recognised by its last part', () => {
  assert.deepEqual(inFile('trust_loopback: false\nPORT: 1\n'), [
    'configs/config.yaml:1:1: unknown key "trust_loopback" – did you mean "auth.trustLoopback"?',
    'configs/config.yaml:2:1: unknown key "PORT" – did you mean "port"?',
  ]);
});

test('a key that resembles nothing gets no suggestion', () => {
  assert.deepEqual(inFile('zookeepers: x'), ['configs/config.yaml:1:1: unknown key "zookeepers"']);
});

test('a wrong type says what was expected and what was found', () => {
  assert.deepEqual(
    inFile('port: "1"\ndemo: yes\nhost: 12\nlog: {level: verbose}\ndevices: {coexist: web}\npaths: [/ws]\n'),
    [
      'configs/config.yaml:1:7: port: expected a port number from 0 to 65535, found "1"',
      'configs/config.yaml:2:7: demo: expected true or false, found "yes"',
      'configs/config.yaml:3:7: host: expected an IP address or a host name, without a port, found 12; put it in quotes',
      'configs/config.yaml:4:14: log.level: expected one of trace, debug, info, warn, error, fatal, found "verbose"',
      'configs/config.yaml:5:20: devices.coexist: expected a list such as [a, b], found "web"',
      'configs/config.yaml:6:8: paths: expected a map from a path such as /ws to one of json, yunque, cim, cim-json, found a list',
    ],
  );
});

test('a value out of range says the range', () => {
  assert.deepEqual(inFile('port: 65536\nbindTimeout: 10\nlimits: {payload: 1GiB, batch: 0}'), [
    'configs/config.yaml:1:7: port: expected a port number from 0 to 65535, found 65536',
    'configs/config.yaml:2:14: bindTimeout: expected a duration from 100ms to 1d, such as 10s, 250ms or 5m (a bare number is milliseconds), found 10',
    'configs/config.yaml:3:19: limits.payload: expected a size from 128B to 64MiB, such as 64KiB or 1MiB (a bare number is bytes), found "1GiB"',
    'configs/config.yaml:3:32: limits.batch: expected a whole number from 1 to 1000000, found 0',
  ]);
});

test('a setting without a value is refused where its key stands', () => {
  assert.deepEqual(inFile('demo: false\nport:\n'), [
    'configs/config.yaml:2:1: port: expected a port number from 0 to 65535, found nothing',
  ]);
});

test('flaws inside lists and maps are found where they stand', () => {
  const text = `listeners:
  - {port: 1, dialect: cimm}
  - prot: 5
    dialect: cim
paths:
  ws: json
  /x: jsonn
auth:
  trustedNetworks: [10.0.0.0/33, 10.0.0.0/8, example.org]
devices:
  exclusive: [[andriod, ios]]
systems:
  list: ["", $probe]
`;
  assert.deepEqual(inFile(text), [
    'configs/config.yaml:2:24: listeners[0].dialect: expected one of json, yunque, cim, cim-json, found "cimm" – did you mean "cim"?',
    'configs/config.yaml:3:5: listeners[1].port: expected a port number from 0 to 65535, found nothing',
    'configs/config.yaml:3:11: listeners[1].prot: unknown key "prot" – did you mean "port"?',
    'configs/config.yaml:6:7: paths.ws: expected a path such as /ws as the name, found "ws"',
    'configs/config.yaml:7:7: paths./x: expected one of json, yunque, cim, cim-json, found "jsonn" – did you mean "json"?',
    'configs/config.yaml:9:21: auth.trustedNetworks[0]: expected a network such as 10.0.0.0/8 or fd00::/8, or one IP address, found "10.0.0.0/33"',
    'configs/config.yaml:9:46: auth.trustedNetworks[2]: expected a network such as 10.0.0.0/8 or fd00::/8, or one IP address, found "example.org"',
    'configs/config.yaml:11:16: devices.exclusive[0][0]: expected one of android, ios, windows, mac, web, found "andriod" – did you mean "android"?',
    'configs/config.yaml:13:10: systems.list[0]: expected a system ID: text without control characters that does not begin with "$", found nothing',
    'configs/config.yaml:13:14: systems.list[1]: expected a system ID: text without control characters that does not begin with "$", found "$probe"',
  ]);
});

test('a section with a plain value says what belongs into it', () => {
  assert.deepEqual(inFile('groups: 1'), [
    'configs/config.yaml:1:9: groups: expected a section with notices, flushDelay, flushDelays, batch, found 1',
  ]);
  assert.deepEqual(inFile('- port'), ['configs/config.yaml:1:1: expected settings such as `port: 666`, found a list']);
});

test('a setting given twice is refused, in whatever spelling', () => {
  assert.deepEqual(inFile('log: {level: info}\nlog.level: warn\n'), [
    'configs/config.yaml:2:1: log.level: given twice, first in line 1',
  ]);
});

test('what is no YAML is refused with its place', () => {
  assert.deepEqual(inFile('port: 1\nport: 2\n'), ['configs/config.yaml:2:1: not valid YAML: Map keys must be unique']);
  assert.match(
    inFile('port: [1\n')[0] ?? '',
    /^configs\/config\.yaml:2:1: not valid YAML: Flow sequence in block collection must be/,
  );
});

test('all that is wrong in all layers is told at once, files first and in order', () => {
  const problems = problemsOf(
    { 'configs/config.yaml': 'port: x\nfoo: 1\n', 'configs/config-dev.yaml': 'demo: 3\n' },
    { flags: { env: 'dev', set: ['zzzzz=1', 'log.level'], port: 'http' }, env: { YUNQUE_DEMO: 'maybe' } },
  );
  assert.deepEqual(problems.slice(0, 3), [
    'configs/config.yaml:1:7: port: expected a port number from 0 to 65535, found "x"',
    'configs/config.yaml:2:1: unknown key "foo"',
    'configs/config-dev.yaml:1:7: demo: expected true or false, found 3',
  ]);
  assert.deepEqual(problems.slice(3).toSorted(), [
    '--set log.level: expected --set log.level=VALUE',
    '--set: unknown key "zzzzz"',
    'YUNQUE_DEMO: expected true or false, found "maybe"',
    'the port argument: expected a port number from 0 to 65535, found "http"',
  ]);
});

test('the error carries each finding apart, and the exit code 78', () => {
  const error = errorOf(() => load({ 'configs/config.yaml': 'port: x\nfoo: 1\n' }));
  assert.equal(error.exitCode, 78);
  assert.equal(error.message.split('\n').length, 2);
  assert.deepEqual(error.problems[1], {
    text: 'configs/config.yaml:2:1: unknown key "foo"',
    file: 'configs/config.yaml',
    line: 2,
    column: 1,
    key: 'foo',
  });
});

test('a file that is named and missing, or cannot be read, is an error', () => {
  assert.deepEqual(problemsOf({}, { flags: { config: 'my.yaml' } }), ['my.yaml: no such file (named by --config)']);
  assert.deepEqual(problemsOf({}, { env: { YUNQUE_CONFIG: 'my.yaml' } }), [
    'my.yaml: no such file (named by YUNQUE_CONFIG)',
  ]);
  assert.deepEqual(problemsOf({ 'configs/config.yaml': '' }, { flags: { env: 'dev' } }), [
    'configs/config-dev.yaml: no such file (named by --env dev)',
  ]);
  assert.deepEqual(
    problemsOf({}, { readFile: () => ({ outcome: 'unreadable', reason: 'is a directory, not a file' }) }),
    ['configs/config.yaml: is a directory, not a file'],
  );
});

test('the name of an overlay cannot leave the folder', () => {
  assert.deepEqual(problemsOf({ 'configs/config.yaml': '' }, { env: { YUNQUE_ENV: '../../etc/x' } }), [
    'YUNQUE_ENV: expected a name of letters, digits, "-", "_" and ".", found "../../etc/x"',
  ]);
});

test('settings that contradict each other are told to whoever wrote one of them', () => {
  assert.deepEqual(inFile('heartbeat: {protobuf: {timeout: 45s}}\ndrain: {duration: 1m}\n'), [
    'configs/config.yaml:1:24: heartbeat.protobuf.timeout: expected more than heartbeat.protobuf.pingAfter (45s), found 45s',
    'configs/config.yaml:2:9: drain.duration: expected drain.grace and drain.duration together (62s) to be less than drain.hardLimit (30s); raise that, or lower these',
  ]);
});

test('two listeners on one port are refused, free ports excepted', () => {
  assert.deepEqual(inFile('listeners: [{port: 666, dialect: cim}]'), [
    'configs/config.yaml:1:1: listeners: port 666 is used already; give each listener one of its own',
  ]);
  assert.equal(
    load({ 'configs/config.yaml': 'port: 0\nlisteners: [{port: 0, dialect: cim}]' }).config.listeners.length,
    1,
  );
});

test('what is shown of a wrong value is short and on one line', () => {
  const [problem = ''] = inFile(`host: "a\\e[31m\\n${'x'.repeat(500)}"`);
  assert.ok(problem.length < 220, problem);
  assert.equal(problem, problem.replaceAll(/\p{Cc}/gu, ''));
});

test('an alias that names nothing before it, or what it stands in, is refused where it stands', () => {
  assert.deepEqual(inFile('systems: {list: [*x]}\nauth: *none\ndevices: {exclusive: &y [[web], *y]}\n'), [
    'configs/config.yaml:1:18: *x: no &x stands before it – write the value itself, in quotes where * is part of it',
    'configs/config.yaml:2:7: *none: no &none stands before it – write the value itself, in quotes where * is part of it',
    'configs/config.yaml:3:33: *y: stands inside &y itself – write the value itself, in quotes where * is part of it',
  ]);
});

test('aliases that multiply a value beyond measure, and too many of them, are refused at once', () => {
  const times = (name: string, count: number) => `[${Array(count).fill(`*${name}`).join(', ')}]`;
  const grown = `systems: {list: [&a [1, 2], &b ${times('a', 12)}, &c ${times('b', 12)}, ${times('c', 12)}]}`;
  const many = `systems: {list: &a []}\ndevices: {exclusive: ${times('a', 30_000)}}`;
  const refused = 'more than 100 values come from aliases (*name) – write the values themselves';
  assert.deepEqual(inFile(grown), [`configs/config.yaml:1:1: ${refused}`]);
  assert.deepEqual(inFile(many), [`configs/config.yaml:2:423: ${refused}`]);
});

test('keys that are lists or maps are refused at once, however deep', () => {
  const [first] = inFile(`${'? '.repeat(40)}port: 1\n`);
  assert.equal(first, 'configs/config.yaml:1:3: expected a plain key such as `port`, found a map, a list or an alias');
  const [inside] = inFile(`paths:\n  ${'? '.repeat(40)}a\n`);
  assert.equal(inside, 'configs/config.yaml:2:5: expected a plain key such as `port`, found a map, a list or an alias');
});

test('nesting without measure is refused in words', () => {
  assert.deepEqual(inFile(`paths: [/a, b: ${'c: '.repeat(20_000)}d]`), [
    'configs/config.yaml:1:1: nested too deeply to be read',
  ]);
  for (const opened of ['[', '{a: ', '- ']) assert.match(inFile(opened.repeat(20_000)).join(), /not valid YAML/);
});

test('an origin is exact, and kept as browsers send it', () => {
  const { config } = load({
    'configs/config.yaml': 'auth.origins: ["https://App.Example.com:443", "http://localhost:5173", "https://例子.com"]',
  });
  assert.deepEqual(config.auth.origins, [
    'https://app.example.com',
    'http://localhost:5173',
    'https://xn--fsqu00a.com',
  ]);
  const expected =
    'expected an origin such as https://app.example.com or http://localhost:5173: scheme, host and perhaps a port, nothing more';
  for (const wrong of [
    '*',
    'null',
    'https://*.good.com',
    'good.com',
    'https://good.com/',
    'https://good.com.',
    'https://',
  ]) {
    assert.deepEqual(inFile(`auth.origins: ["${wrong}"]`), [
      `configs/config.yaml:1:16: auth.origins[0]: ${expected}, found ${JSON.stringify(wrong)}`,
    ]);
  }
});

test('trusting every address as a proxy is warned about', () => {
  const text = 'proxy.trusted: [10.0.0.1, ::/0]';
  assert.deepEqual(load({ 'configs/config.yaml': text }).warnings, [
    'configs/config.yaml:1:1: proxy.trusted: ::/0 is every address: each client may say which one is its own',
  ]);
});

test('limits by address are off, and where they are on without proxy.trusted that is warned about', () => {
  const limits = ['limits.connectionsPerAddress', 'limits.flapping', 'auth.failedKeys.perMinute'];
  assert.deepEqual(load({}).warnings, []);
  for (const key of limits) {
    const { warnings } = load({ 'configs/config.yaml': `${key}: 5` });
    assert.deepEqual(warnings, [
      `configs/config.yaml:1:1: ${key}: without proxy.trusted all clients of a proxy in front share its address; list it there, or have no proxy`,
    ]);
    assert.deepEqual(load({ 'configs/config.yaml': `${key}: 5\nproxy.trusted: [10.0.0.1]` }).warnings, []);
  }
});

test('a name that would not be seen stands in quotation marks', () => {
  const [nothing] = inFile('groups:\n  flushDelays: {"": 10ms}\n');
  assert.match(nothing ?? '', /^configs\/config\.yaml:2:\d+: groups\.flushDelays\[""\]: expected the name of a group/);
  const [two] = inFile('groups:\n  flushDelays: {"a b": 1h}\n');
  assert.match(two ?? '', /groups\.flushDelays\["a b"\]: /);
});
