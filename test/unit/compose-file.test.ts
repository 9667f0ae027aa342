import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { settings as schema } from '../../src/config/schema.ts';
import { shipped } from '../support/unit-file.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[]; readonly retries: number };
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const text = shipped('configs/compose.yaml');
const asShipped: Compose = parse(text, { merge: true });
/** As it is for those who take the comment signs off the nodes. */
const withNodes: Compose = parse(text.replace(/^( {2})#(?! )/gm, '$1').replace(/^( {2})#( {2})/gm, '$1$2'), {
  merge: true,
});
const serversOf = ({ services }: Compose) => Object.keys(services);

// There is no Docker where these tests run: the file is read and compared with the program, and not started.
describe('compose.yaml', () => {
  it('has the servers on their default ports, on this machine alone, and asks whether they work', () => {
    assert.deepEqual(serversOf(asShipped), ['redis', 'rabbitmq', 'kafka']);
    const { redis, rabbitmq, kafka } = asShipped.services;
    assert.deepEqual(redis?.ports, [`127.0.0.1:${schema['redis.port'].default}:6379`]);
    assert.deepEqual(rabbitmq?.ports, ['127.0.0.1:5672:5672']);
    assert.deepEqual(kafka?.ports, ['127.0.0.1:9092:9092']);
    for (const { healthcheck } of [redis, rabbitmq, kafka] as Service[]) assert.equal(healthcheck?.test[0], 'CMD');
  });

  it('names servers that the ready files of clusters look for', () => {
    for (const [file, address] of [
      ['cluster-rabbitmq.yaml', '127.0.0.1:5672'],
      ['cluster-kafka.yaml', '127.0.0.1:9092'],
    ] as const) {
      const { rabbitmq, kafka } = parse(shipped(`configs/${file}`));
      assert.ok(JSON.stringify([rabbitmq, kafka]).includes(address), file);
    }
  });

  it('lets clients of Kafka come where it says, from this machine and from other containers', () => {
    const env = asShipped.services['kafka']?.environment ?? {};
    const listeners = (name: string) =>
      new Map((env[name] ?? '').split(',').map((one) => one.split('://') as [string, string]));
    const [listening, advertised] = [listeners('KAFKA_LISTENERS'), listeners('KAFKA_ADVERTISED_LISTENERS')];
    assert.equal(advertised.get('HOST'), '127.0.0.1:9092');
    assert.equal(advertised.get('CONTAINERS'), withNodes.services['node-1']?.environment?.['YUNQUE_KAFKA_BROKERS']);
    for (const [name, address] of advertised) {
      assert.equal(address.split(':')[1], listening.get(name)?.split(':')[1], name);
    }
    assert.equal(listening.has(env['KAFKA_CONTROLLER_LISTENER_NAMES'] ?? ''), true);
    assert.equal(env['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP']?.split(',').length, listening.size);
  });

  it('keeps what each holds in a volume of its own', () => {
    for (const compose of [asShipped, withNodes]) {
      const used = Object.values(compose.services).flatMap(({ volumes }) =>
        volumes.map((one) => one.split(':')[0] ?? ''),
      );
      assert.deepEqual(used.sort(), Object.keys(compose.volumes).sort());
    }
  });

  it('has nodes in comments that the program takes as they are, with secrets of your own', () => {
    assert.deepEqual(serversOf(withNodes).slice(3), ['node-1', 'node-2', 'node-3']);
    for (const [index, name] of ['node-1', 'node-2', 'node-3'].entries()) {
      const { environment = {}, ports, build, command, stop_grace_period } = withNodes.services[name] as Service;
      assert.deepEqual(ports, [`127.0.0.1:${7001 + index}:7001`]);
      assert.deepEqual(command, ['serve', '7001']);
      assert.equal(stop_grace_period, '45s');
      assert.ok(shipped(`configs/${build?.context}/${build?.dockerfile}`).includes('ENTRYPOINT ["yunque"]'));
      assert.equal(environment['YUNQUE_CLUSTER_ADVERTISE'], name);
      const wanted = Object.entries(environment).filter(([, value]) => value.startsWith('${'));
      assert.deepEqual(wanted.map(([key]) => key).sort(), ['YUNQUE_CLUSTER_SECRET', 'YUNQUE_CRYPTO_KEY']);
      for (const bus of ['redis', 'rabbitmq', 'kafka']) {
        const env = {
          ...environment,
          YUNQUE_CLUSTER_BUS: bus,
          YUNQUE_CLUSTER_SECRET: '0f'.repeat(32),
          YUNQUE_CRYPTO_KEY: '0f'.repeat(16),
        };
        const { config } = loadConfig({ flags: { port: 7001 }, env, cwd: '/nowhere' });
        assert.equal(config.cluster.bus, bus);
        assert.equal(config.redis.host, 'redis');
      }
      assert.throws(
        () =>
          loadConfig({
            flags: { port: 7001 },
            env: { ...environment, YUNQUE_CLUSTER_SECRET: 'short' },
            cwd: '/nowhere',
          }),
        /cluster\.secret|CLUSTER_SECRET/,
      );
    }
  });
});
