import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterSecretOf } from '../../../src/config/cluster-secret.ts';
import { describeConfig } from '../../../src/config/describe-config.ts';
import { load, problemsOf } from './helpers.ts';

const key = '0123456789abcdef';
/** What a cluster needs on one machine. */
const local = `crypto.key: "${key}"\nhost: 127.0.0.1\n`;
const inFile = (text: string) => problemsOf({ 'configs/config.yaml': text });
const loadFile = (text: string) => load({ 'configs/config.yaml': text });

describe('cluster mode is asked for', () => {
  const flags = { host: '127.0.0.1' };
  const env = { YUNQUE_CRYPTO_KEY: key };

  test('by a word in the file, or a map of any of its keys', () => {
    for (const text of [
      'cluster: true',
      'cluster: {enabled: true}',
      'cluster.enabled: true',
      'cluster:\n  enabled: true',
    ]) {
      const { config, sources } = loadFile(`${local}${text}`);
      assert.equal(config.cluster.enabled, true, text);
      assert.match(sources.get('cluster.enabled')?.label ?? '', /^configs\/config\.yaml:/);
    }
    const { cluster } = loadFile(`${local}cluster: {bus: rpc, name: shop}`).config;
    assert.deepEqual([cluster.enabled, cluster.bus, cluster.name], [false, 'rpc', 'shop']);
    assert.equal(loadFile('cluster:').config.cluster.enabled, false);
    assert.equal(loadFile('cluster: false').config.cluster.enabled, false);
  });

  test('by flag, by --set and by variable', () => {
    assert.equal(load({}, { env, flags: { ...flags, cluster: true } }).config.cluster.enabled, true);
    assert.equal(load({}, { env, flags: { ...flags, set: ['cluster=true'] } }).config.cluster.enabled, true);
    for (const name of ['YUNQUE_CLUSTER', 'YUNQUE_CLUSTER_ENABLED']) {
      const { config, sources } = load({}, { env: { ...env, [name]: '1' }, flags });
      assert.deepEqual([config.cluster.enabled, sources.get('cluster.enabled')?.label], [true, name]);
    }
  });

  test('and a file that says how, and not whether, is asked about it', () => {
    assert.match(
      loadFile('cluster: {bus: rpc}').warnings.join(),
      /^configs\/config\.yaml:1:11: cluster\.bus: cluster mode is off; .*cluster\.enabled: true/,
    );
    assert.deepEqual(loadFile('cluster: {enabled: false, bus: rpc}').warnings, []);
  });

  test('and not twice in one file', () => {
    assert.deepEqual(inFile(`${local}cluster: true\ncluster.enabled: true`), [
      'configs/config.yaml:4:1: cluster.enabled: given twice, first in line 3',
    ]);
  });

  test('and a word that is none is refused where it stands', () => {
    assert.deepEqual(inFile('cluster: redis\n'), [
      'configs/config.yaml:1:10: cluster.enabled: expected true or false, found "redis"',
    ]);
    assert.match(inFile('cluster: [redis]\n').join(), /:1:10: cluster: expected a section with enabled, name, bus/);
  });
});

describe('the nodes of a cluster', () => {
  test('need one crypto.key, which a random one would not be', () => {
    const [problem, ...others] = inFile('host: 127.0.0.1\ncluster: true\n');
    assert.deepEqual(others, []);
    assert.match(
      problem ?? '',
      /^configs\/config\.yaml:2:1: cluster\.enabled: .*crypto\.key.*openssl rand -hex 16.*YUNQUE_CRYPTO_KEY_FILE/,
    );
    assert.match(
      inFile('host: 127.0.0.1\ncluster: true\ncrypto.key: ""').join(),
      /:3:1: crypto\.key: an empty key .* cluster mode needs one/,
    );
  });

  test('have a secret of their own, or the one that comes of crypto.key', () => {
    const derived = clusterSecretOf(loadFile(`${local}cluster: true`).config);
    // Worked out with Python's hmac.
    assert.equal(derived, '19554f49db2c4b6896d379a0ab6e1ff7b4425d9615910efc7c0442f0ce2ceac3');
    const other = loadFile(`${local.replace(key, 'abcdef0123456789')}cluster: true`).config;
    assert.notEqual(clusterSecretOf(other), derived);
    const own = loadFile(`${local}cluster: {enabled: true, secret: "a secret of the nodes"}`).config;
    assert.equal(clusterSecretOf(own), 'a secret of the nodes');
  });

  test('have no secret that could be guessed, and never show it', () => {
    assert.deepEqual(inFile(`${local}cluster: {enabled: true, secret: 0123456789abcde}`), [
      'configs/config.yaml:3:34: cluster.secret: expected a secret of 16 characters or more (`openssl rand -hex 32` makes one), found 15 characters',
    ]);
    const read = loadFile(`${local}cluster: {enabled: true, secret: "a secret of the nodes"}`);
    assert.doesNotMatch(JSON.stringify(describeConfig(read)), /of the nodes/);
    assert.match(
      problemsOf({}, { flags: { set: ['cluster.secret=abcdefabcdefabcdef'] } }).join(),
      /YUNQUE_CLUSTER_SECRET_FILE/,
    );
  });

  test('are no workers', () => {
    assert.match(
      inFile(`${local}cluster: true\nworkers: 2`).join(),
      /^configs\/config\.yaml:4:1: workers: .*leave out either/,
    );
    assert.match(
      problemsOf({ 'configs/config.yaml': `${local}cluster: true` }, { flags: { workers: 'auto' } }).join(),
      /^--workers: /,
    );
  });

  test('listen for each other on port + 1000, or where they are told', () => {
    assert.match(
      inFile(`${local}cluster: true\nport: 64536`).join(),
      /:4:1: port: .*65536 is no port.*cluster\.rpcPort/,
    );
    assert.equal(loadFile(`${local}cluster: {enabled: true, rpcPort: 0}\nport: 65535`).config.cluster.rpcPort, 0);
    assert.deepEqual(inFile(`${local}cluster: {enabled: true, rpcPort: 666}`), [
      'configs/config.yaml:3:26: cluster.rpcPort: port 666 is used already; give the RPC between nodes one of its own',
    ]);
    assert.match(
      inFile(`${local}cluster: true\nlisteners: [{port: 1666, dialect: cim}]`).join(),
      /port 1666 is used already/,
    );
  });
});

describe('cluster.advertise', () => {
  const read = (text: string) => loadFile(`cluster.advertise: "${text}"`).config.cluster.advertise;

  test('is a host, or a host and a port', () => {
    assert.deepEqual(read('10.1.0.5'), { host: '10.1.0.5' });
    assert.deepEqual(read('node1.lan:1666'), { host: 'node1.lan', port: 1666 });
    assert.deepEqual(read('fd00::5'), { host: 'fd00::5' });
    assert.deepEqual(read('[fd00::5]'), { host: 'fd00::5' });
    assert.deepEqual(read('[fd00::5]:1666'), { host: 'fd00::5', port: 1666 });
  });

  test('is no every-address, no port alone and nothing else', () => {
    for (const text of ['0.0.0.0', '0.0.0.0:1666', '::', '[::]:1666', '0:0::0']) {
      assert.match(
        inFile(`cluster.advertise: "${text}"`).join(),
        /1:20: cluster\.advertise: .*every address and leads nowhere/,
      );
    }
    for (const text of ['', ':1666', '10.1.0.5:0', '10.1.0.5:65536', 'http://h', 'a b', '10.1.0.5:', '[10.1.0.5]:1']) {
      assert.match(inFile(`cluster.advertise: "${text}"`).join(), /cluster\.advertise: expected one address/, text);
    }
  });
});

describe('where others can reach the RPC', () => {
  const secret = 'secret: "a secret of the nodes"';
  const common = `crypto.key: "${key}"\n`;

  test('it has TLS, or is said to be insecure', () => {
    for (const text of [
      `cluster: {enabled: true, ${secret}}`,
      `host: 10.1.0.5\ncluster: {enabled: true, ${secret}}`,
      `host: 127.0.0.1\ncluster: {enabled: true, ${secret}, host: 10.1.0.5}`,
      `host: 127.0.0.1\ncluster: {enabled: true, ${secret}, advertise: 10.1.0.5}`,
    ]) {
      assert.match(
        inFile(common + text).join(),
        /: cluster\.enabled: others can reach .*no TLS; give cluster\.tls\.cert.*YUNQUE_CLUSTER_INSECURE=true.*--host 127\.0\.0\.1/,
        text,
      );
      const insecure = text.replace('enabled: true', 'enabled: true, insecure: true');
      assert.deepEqual(loadFile(common + insecure).warnings, [], text);
      const tls = text.replace('enabled: true', 'enabled: true, tls: {cert: a.crt, key: a.key, ca: ca.crt}');
      assert.deepEqual(loadFile(common + tls).warnings, [], text);
    }
    for (const text of [
      `host: 127.0.0.1\ncluster: {enabled: true, advertise: "127.0.0.1:1700"}`,
      `host: 0.0.0.0\ncluster: {enabled: true, host: "::1"}`,
    ]) {
      assert.equal(loadFile(common + text).config.cluster.enabled, true, text);
    }
  });

  test('both halves of a certificate are given, and no contradiction', () => {
    const of = (text: string) => inFile(`${local}cluster: {enabled: true, ${text}}`).join();
    assert.match(of('tls: {cert: a}'), /cluster\.tls\.cert: there is no cluster\.tls\.key and no cluster\.tls\.ca/);
    assert.match(of('tls: {ca: a, key: a}'), /cluster\.tls\.key: there is no cluster\.tls\.cert/);
    assert.match(
      of('insecure: true, tls: {cert: a, key: b, ca: c}'),
      /cluster\.insecure: there is a certificate.*leave out either/,
    );
  });

  test('a secret that comes of crypto.key is warned about', () => {
    const { warnings } = loadFile(`${common}cluster: {enabled: true, insecure: true}`);
    assert.match(
      warnings.join(),
      /cluster\.enabled: cluster\.secret is derived from crypto\.key.*openssl rand -hex 32/,
    );
    assert.deepEqual(loadFile(`${local}cluster: true`).warnings, []);
  });
});

describe('the servers of a cluster', () => {
  const of = (text: string) => inFile(`${local}cluster: {enabled: true}\n${text}`);

  test('are named where they are used', () => {
    assert.match(
      of('cluster.bus: rabbitmq').join(),
      /:4:1: cluster\.bus: rabbitmq needs rabbitmq\.url.*YUNQUE_RABBITMQ_URL_FILE/,
    );
    assert.match(of('cluster.bus: kafka').join(), /:4:1: cluster\.bus: kafka needs kafka\.brokers/);
    const kafka = loadFile(`${local}cluster: {enabled: true, bus: kafka}\nkafka.brokers: [127.0.0.1:9092]`).config
      .kafka;
    assert.deepEqual(kafka.brokers, [{ host: '127.0.0.1', port: 9092 }]);
    assert.match(of('cluster.bus: rediss').join(), /did you mean "redis"/);
  });

  test('are said wholly, and in one way', () => {
    for (const [text, expected] of [
      ['redis.sentinels: [127.0.0.1:26379]', /redis\.sentinels: there is no redis\.sentinelName/],
      ['redis.sentinelName: main', /redis\.sentinelName: there are no redis\.sentinels/],
      ['redis: {sentinels: [a:1], sentinelName: m, nodes: [b:1]}', /redis\.nodes: there are redis\.sentinels/],
      ['redis: {nodes: [b:1], db: 3}', /redis\.db: a Redis Cluster/],
      ['redis.tls.ca: ca.crt', /redis\.tls\.ca: there is no TLS.*redis\.tls\.enabled: true/],
      ['redis.tls: {enabled: true, cert: a}', /redis\.tls\.cert: there is no redis\.tls\.key/],
      ['kafka.tls.ca: ca.crt', /kafka\.tls\.ca: there is no TLS/],
      ['rabbitmq: {url: "amqp://h", tls: {ca: a}}', /rabbitmq\.tls\.ca: there is no TLS.*amqps:/],
      [
        'kafka.sasl.username: u',
        /kafka\.sasl\.username: there is no kafka\.sasl\.mechanism and no kafka\.sasl\.password/,
      ],
    ] as const) {
      const problems = of(text);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', expected);
    }
    assert.equal(loadFile(`${local}cluster: true\nredis.tls: true`).config.redis.tls.enabled, true);
    const tls = loadFile(`${local}cluster: true
rabbitmq: {url: "amqps://h", tls: {ca: a}}`);
    assert.equal(tls.config.rabbitmq.tls.ca, 'a');
  });

  test('have their passwords from files, and never in a message', () => {
    const files = {
      '/run/redis': 'of-redis\n',
      '/run/rabbit': 'amqps://u:of-rabbit@h:5671/v',
      '/run/kafka': 'of-kafka',
    };
    const env = {
      YUNQUE_REDIS_PASSWORD_FILE: '/run/redis',
      YUNQUE_RABBITMQ_URL_FILE: '/run/rabbit',
      YUNQUE_KAFKA_SASL_PASSWORD_FILE: '/run/kafka',
    };
    const read = load(files, { env });
    assert.deepEqual(
      [read.config.redis.password, read.config.rabbitmq.url, read.config.kafka.sasl.password],
      ['of-redis', 'amqps://u:of-rabbit@h:5671/v', 'of-kafka'],
    );
    assert.doesNotMatch(JSON.stringify(describeConfig(read)), /of-r|of-k/);
    for (const url of ['http://u:of-rabbit@h', 'amqp:of-rabbit', 'of-rabbit', 'amqp://u:********@h']) {
      const problems = problemsOf({}, { env: { YUNQUE_RABBITMQ_URL: url } }).join();
      assert.match(problems, /^YUNQUE_RABBITMQ_URL: expected a URL such as amqp:/);
      assert.doesNotMatch(problems, /of-rabbit/);
    }
  });

  test('are left alone without cluster mode', () => {
    const text = 'cluster: {enabled: false, bus: rabbitmq}\nredis: {db: 3, nodes: ["a:1"]}';
    assert.deepEqual(loadFile(text).warnings, []);
  });
});

test('everything that is wrong with a cluster is said at once', () => {
  const text = 'cluster: {enabled: true, bus: kafka, secret: short}\nworkers: 2\nport: 65000\nredis.sentinelName: m\n';
  const problems = inFile(text);
  for (const expected of [/secret/, /workers/, /66000/, /crypto\.key/, /no TLS/, /kafka\.brokers/, /sentinels/]) {
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      `${expected}\n${problems.join('\n')}`,
    );
  }
  assert.ok(problems.every((problem) => problem.startsWith('configs/config.yaml:')));
});
