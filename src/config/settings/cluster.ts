import { advertised, clusterName, clusterSecret, password } from '../cluster-kinds.ts';
import { list } from '../collection-kinds.ts';
import { boolean, choice, duration, integer, text } from '../scalar-kinds.ts';
import { rabbitmqUrl } from '../server-kinds.ts';
import { host, place, port } from '../value-checks.ts';
import type { Setting } from './setting.ts';

const path = text({ type: 'path', expected: 'a path' });
const serverPort = integer({ min: 1, max: 65535, noun: 'a port number' });
const noFile = { unset: { en: 'none', zh: '无' } } as const;

/** Settings: how nodes meet, and the servers they meet through. */
export const clusterSettings = {
  'cluster.enabled': {
    kind: boolean(),
    default: false,
    shorthand: 'cluster',
    en: 'Cluster mode: several nodes behave as one. Redis says who is there and which node holds whom; the nodes talk to each other over RPC. `cluster: true`, `--cluster` and `YUNQUE_CLUSTER` say it too.',
    zh: '集群模式：多个节点如同一个。Redis 记录有哪些节点、谁在哪个节点上；节点之间通过 RPC 通信。也可写作 `cluster: true`、`--cluster` 或 `YUNQUE_CLUSTER`。',
  },
  'cluster.name': {
    kind: clusterName,
    default: 'yunque',
    en: 'Name of the cluster, the same on every node: keys and channels of Redis, the exchange and the topic begin with it. Clusters of different names share servers without meeting.',
    zh: '集群名称，所有节点相同：Redis 的键和频道、交换机与主题均以它开头。不同名称的集群可共用服务器而互不相见。',
  },
  'cluster.bus': {
    kind: choice(['redis', 'rabbitmq', 'kafka', 'rpc']),
    default: 'redis',
    en: 'What carries messages to groups and systems to all nodes. `rpc`: nothing but the nodes themselves. Everything for one node goes over RPC with each of them.',
    zh: '将发给分组和系统的消息传到所有节点的引擎。`rpc` 表示只靠节点自身。发往单个节点的消息始终走 RPC。',
  },
  'cluster.secret': {
    kind: clusterSecret,
    secret: true,
    unset: { en: 'derived from `crypto.key`', zh: '由 `crypto.key` 派生' },
    en: 'What nodes prove to each other, the same on every node; it is never sent. `openssl rand -hex 32` makes a good one.',
    zh: '节点间互相证明身份的密钥，所有节点相同，从不在网络上发送。可用 `openssl rand -hex 32` 生成。',
  },
  'cluster.advertise': {
    kind: advertised,
    unset: {
      en: '`cluster.host` or `host` where it is one address, else the first IPv4 address of the machine',
      zh: '`cluster.host` 或 `host`（为具体地址时），否则为本机第一个 IPv4 地址',
    },
    example: '10.1.0.5',
    en: 'Where the other nodes reach the RPC of this one, as a host or `host:port`: for containers, NAT and machines with several addresses.',
    zh: '其他节点访问本节点 RPC 的地址，写作主机或 `主机:端口`：用于容器、NAT 以及有多个地址的机器。',
  },
  'cluster.host': {
    kind: host,
    unset: { en: 'as `host`', zh: '同 `host`' },
    example: '10.1.0.5',
    en: 'Address the RPC listens on.',
    zh: 'RPC 的监听地址。',
  },
  'cluster.rpcPort': {
    kind: port,
    unset: { en: '`port` + 1000', zh: '`port` + 1000' },
    example: 1666,
    en: 'Port of the RPC between nodes; 0 takes any free one.',
    zh: '节点间 RPC 的端口；0 表示任选一个空闲端口。',
  },
  'cluster.insecure': {
    kind: boolean(),
    default: false,
    en: 'Let nodes talk without TLS beyond this machine: whoever is on the wire reads all messages. Only in a network of their own.',
    zh: '允许节点在本机之外不使用 TLS 通信：能监听线路者可读到全部消息。仅用于专用网络。',
  },
  'cluster.tls.cert': {
    kind: path,
    unset: { en: 'no TLS between nodes', zh: '节点间不启用 TLS' },
    example: '/etc/yunque/cluster.crt',
    en: 'Certificate of this node towards the others, in PEM. With `cluster.tls.key` and `cluster.tls.ca`.',
    zh: '本节点对其他节点出示的证书，PEM 格式。须与 `cluster.tls.key`、`cluster.tls.ca` 同时设置。',
  },
  'cluster.tls.key': {
    kind: path,
    unset: { en: 'no TLS between nodes', zh: '节点间不启用 TLS' },
    example: '/etc/yunque/cluster.key',
    en: 'Private key of that certificate, in PEM, without a passphrase.',
    zh: '该证书的私钥，PEM 格式，不带口令。',
  },
  'cluster.tls.ca': {
    kind: path,
    unset: { en: 'no TLS between nodes', zh: '节点间不启用 TLS' },
    example: '/etc/yunque/cluster-ca.crt',
    en: 'Authority whose certificates nodes accept of each other, in PEM.',
    zh: '节点互相认可的证书颁发机构，PEM 格式。',
  },
  'redis.host': {
    kind: host,
    default: '127.0.0.1',
    en: 'Redis of the cluster, and of doors, routes and sinks that name no other.',
    zh: '集群所用的 Redis，也用于未自带地址的队列入口、路由与事件去向。',
  },
  'redis.port': { kind: serverPort, default: 6379, en: 'Its port.', zh: '其端口。' },
  'redis.username': {
    kind: text({ type: 'text', expected: 'a name' }),
    unset: { en: 'the user `default`', zh: '用户 `default`' },
    example: 'yunque',
    en: 'User of Redis’ ACL.',
    zh: 'Redis ACL 的用户。',
  },
  'redis.password': {
    kind: password,
    secret: true,
    unset: { en: 'none', zh: '无' },
    en: 'Password of Redis.',
    zh: 'Redis 的密码。',
  },
  'redis.db': {
    kind: integer({ min: 0, max: 65535 }),
    default: 0,
    en: 'Number of the database. Channels are not of a database: where clusters share a Redis, give each its `cluster.name`.',
    zh: '数据库编号。频道不分数据库：多个集群共用一个 Redis 时，请各用一个 `cluster.name`。',
  },
  'redis.tls.enabled': {
    kind: boolean(),
    default: false,
    shorthand: 'redis.tls',
    en: 'TLS to Redis and its Sentinels.',
    zh: '与 Redis 及其 Sentinel 之间使用 TLS。',
  },
  'redis.tls.ca': {
    kind: path,
    unset: { en: 'the authorities this machine trusts', zh: '本机信任的证书颁发机构' },
    example: '/etc/yunque/redis-ca.crt',
    en: 'Authority that signed the certificate of Redis, in PEM.',
    zh: '签发 Redis 证书的机构，PEM 格式。',
  },
  'redis.tls.cert': {
    kind: path,
    ...noFile,
    example: '/etc/yunque/redis-client.crt',
    en: 'Certificate of this node towards Redis, in PEM. With `redis.tls.key`.',
    zh: '本节点对 Redis 出示的证书，PEM 格式。须与 `redis.tls.key` 同时设置。',
  },
  'redis.tls.key': {
    kind: path,
    ...noFile,
    example: '/etc/yunque/redis-client.key',
    en: 'Private key of that certificate, in PEM.',
    zh: '该证书的私钥，PEM 格式。',
  },
  'redis.sentinels': {
    kind: list(place),
    default: [],
    en: 'Sentinels that know where Redis is, such as `[10.1.0.7:26379, 10.1.0.8:26379]`, instead of `redis.host`.',
    zh: '知道 Redis 位置的 Sentinel，例如 `[10.1.0.7:26379, 10.1.0.8:26379]`，用以代替 `redis.host`。',
  },
  'redis.sentinelName': {
    kind: text({ type: 'text', expected: 'a name' }),
    unset: { en: 'no Sentinels', zh: '不使用 Sentinel' },
    example: 'mymaster',
    en: 'Name of the primary that the Sentinels watch.',
    zh: 'Sentinel 所监视的主节点名称。',
  },
  'redis.sentinelPassword': {
    kind: password,
    secret: true,
    unset: { en: 'none', zh: '无' },
    en: 'Password of the Sentinels themselves.',
    zh: 'Sentinel 自身的密码。',
  },
  'redis.nodes': {
    kind: list(place),
    default: [],
    en: 'Some nodes of a Redis Cluster, instead of `redis.host`; the others are found through them.',
    zh: 'Redis Cluster 的若干节点，用以代替 `redis.host`；其余节点由它们得知。',
  },
  'redis.timeout': {
    kind: duration({ min: '100ms', max: '30s' }),
    default: '2s',
    en: 'How long an answer of Redis is waited for.',
    zh: '等待 Redis 应答的最长时间。',
  },
  'rabbitmq.url': {
    kind: rabbitmqUrl,
    secret: true,
    unset: { en: 'no RabbitMQ', zh: '不使用 RabbitMQ' },
    en: 'RabbitMQ of the bus, and of doors, routes and sinks that name no other, such as `amqp://user:password@10.1.0.9:5672/vhost`; `amqps:` with TLS.',
    zh: 'RabbitMQ 的地址，供总线以及未自带地址的队列入口、路由与事件去向使用，例如 `amqp://user:password@10.1.0.9:5672/vhost`；使用 TLS 时为 `amqps:`。',
  },
  'rabbitmq.exchange': {
    kind: text({
      type: 'text',
      expected: 'a name of at most 255 bytes that does not begin with "amq."',
      check: (value) => (/^(?!amq\.)/.test(value) && inBytes(value, 255) ? value : undefined),
    }),
    unset: { en: '`cluster.name`', zh: '`cluster.name`' },
    example: 'yunque',
    en: 'Exchange that messages to groups and systems go through. It is made if it is not there.',
    zh: '发给分组和系统的消息所经过的交换机；不存在时自动创建。',
  },
  'rabbitmq.tls.ca': {
    kind: path,
    unset: { en: 'the authorities this machine trusts', zh: '本机信任的证书颁发机构' },
    example: '/etc/yunque/rabbitmq-ca.crt',
    en: 'Authority that signed the certificate of RabbitMQ, in PEM.',
    zh: '签发 RabbitMQ 证书的机构，PEM 格式。',
  },
  'rabbitmq.tls.cert': {
    kind: path,
    ...noFile,
    example: '/etc/yunque/rabbitmq-client.crt',
    en: 'Certificate of this node towards RabbitMQ, in PEM. With `rabbitmq.tls.key`.',
    zh: '本节点对 RabbitMQ 出示的证书，PEM 格式。须与 `rabbitmq.tls.key` 同时设置。',
  },
  'rabbitmq.tls.key': {
    kind: path,
    ...noFile,
    example: '/etc/yunque/rabbitmq-client.key',
    en: 'Private key of that certificate, in PEM.',
    zh: '该证书的私钥，PEM 格式。',
  },
  'kafka.brokers': {
    kind: list(place),
    default: [],
    en: 'Some brokers of Kafka, for the bus and for doors, routes and sinks that name no others, such as `[10.1.0.10:9092]`; the rest is found through them.',
    zh: 'Kafka 的若干 broker，供总线以及未自带 broker 的队列入口、路由与事件去向使用，例如 `[10.1.0.10:9092]`；其余由它们得知。',
  },
  'kafka.topic': {
    kind: text({
      type: 'text',
      expected: 'a topic: letters, digits, ".", "_" and "-", at most 249',
      check: (value) => (/^(?!\.\.?$)[\w.-]{1,249}$/.test(value) ? value : undefined),
    }),
    unset: { en: '`cluster.name`', zh: '`cluster.name`' },
    example: 'yunque',
    en: 'Topic that messages to groups and systems go through. It is made if it is not there.',
    zh: '发给分组和系统的消息所经过的主题；不存在时自动创建。',
  },
  'kafka.sasl.mechanism': {
    kind: choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
    unset: { en: 'no authentication', zh: '不认证' },
    example: 'SCRAM-SHA-512',
    en: 'How this node proves to Kafka who it is. With `kafka.sasl.username` and `kafka.sasl.password`.',
    zh: '本节点向 Kafka 证明身份的方式。须与 `kafka.sasl.username`、`kafka.sasl.password` 同时设置。',
  },
  'kafka.sasl.username': {
    kind: text({ type: 'text', expected: 'a name' }),
    unset: { en: 'no authentication', zh: '不认证' },
    example: 'yunque',
    en: 'User of Kafka.',
    zh: 'Kafka 的用户名。',
  },
  'kafka.sasl.password': {
    kind: password,
    secret: true,
    unset: { en: 'no authentication', zh: '不认证' },
    en: 'Password of that user.',
    zh: '该用户的密码。',
  },
  'kafka.tls.enabled': {
    kind: boolean(),
    default: false,
    shorthand: 'kafka.tls',
    en: 'TLS to Kafka.',
    zh: '与 Kafka 之间使用 TLS。',
  },
  'kafka.tls.ca': {
    kind: path,
    unset: { en: 'the authorities this machine trusts', zh: '本机信任的证书颁发机构' },
    example: '/etc/yunque/kafka-ca.crt',
    en: 'Authority that signed the certificates of Kafka, in PEM.',
    zh: '签发 Kafka 证书的机构，PEM 格式。',
  },
  'kafka.tls.cert': {
    kind: path,
    ...noFile,
    example: '/etc/yunque/kafka-client.crt',
    en: 'Certificate of this node towards Kafka, in PEM. With `kafka.tls.key`.',
    zh: '本节点对 Kafka 出示的证书，PEM 格式。须与 `kafka.tls.key` 同时设置。',
  },
  'kafka.tls.key': {
    kind: path,
    ...noFile,
    example: '/etc/yunque/kafka-client.key',
    en: 'Private key of that certificate, in PEM.',
    zh: '该证书的私钥，PEM 格式。',
  },
} as const satisfies Record<string, Setting>;

function inBytes(value: string, most: number): boolean {
  return value !== '' && Buffer.byteLength(value) <= most;
}
