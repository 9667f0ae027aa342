import { list } from '../collection-kinds.ts';
import { door } from '../door-setting.ts';
import { topicName } from '../queue-names.ts';
import { route } from '../route-setting.ts';
import { boolean, duration, integer, size } from '../scalar-kinds.ts';
import { eventSink } from '../sink-setting.ts';
import { host, port } from '../value-checks.ts';
import type { Setting } from './setting.ts';

/** Settings: queues that backends push through, and where requests of clients and connection events go. */
export const doorsSettings = {
  topic: {
    kind: topicName,
    default: 'chat',
    en: 'Name of the channel, stream, topic or queue of every door that names none. `serve --topic` sets it too.',
    zh: '未写明名称的队列入口所读取的频道、流、主题或队列的名称。也可用 `serve --topic` 指定。',
  },
  doors: {
    kind: list(door),
    default: [],
    en: 'Queues that backends push through: Redis channels (pub/sub) and streams, topics of Kafka, queues of RabbitMQ, such as `[{type: stream, stream: chat}]`. They are at `redis.*`, `kafka.*` and `rabbitmq.*`, or at their own `url`, `urlFile` or `brokers`. A door pushes in its `system` (default `default`) or, with `trusted: true`, in the one that each push names. More: docs/doors.md.',
    zh: '后端用于推送的队列：Redis 频道（发布/订阅）与流、Kafka 主题、RabbitMQ 队列，例如 `[{type: stream, stream: chat}]`。服务器取自 `redis.*`、`kafka.*`、`rabbitmq.*`，或各自的 `url`、`urlFile`、`brokers`。入口只能向其 `system`（默认 `default`）推送；设为 `trusted: true` 时，由每条推送指明系统。详见 docs/doors.zh-CN.md。',
  },
  'uplink.routes': {
    kind: list(route),
    default: [],
    en: "Where requests of clients go, by their key; the first route that takes it counts: `[{type: http, keys: ['order.*'], url: https://shop.example.com/ws, secretFile: /etc/yunque/hook.secret}]`. Also to a `channel`, a `stream`, `kafka` or `rabbitmq`. In patterns `*` is any characters. More: docs/uplink.md.",
    zh: "客户端请求按 key 的去向，取第一条匹配的路由：`[{type: http, keys: ['order.*'], url: https://shop.example.com/ws, secretFile: /etc/yunque/hook.secret}]`。也可发往 `channel`、`stream`、`kafka`、`rabbitmq`。模式中的 `*` 代表任意字符。详见 docs/uplink.zh-CN.md。",
  },
  'uplink.rate': {
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 20,
    en: 'Requests a second that one connection may send in the long run, and twice as many at once after a silence (else 429); 0: any number.',
    zh: '单个连接每秒可持续发送的请求数，静默后可一次性发送两倍（超出则 429）；0 表示不限。',
  },
  'uplink.timeout': {
    kind: duration({ min: '100ms', max: '60s' }),
    default: '5s',
    en: 'How long the answer to a request is waited for, all attempts together (else 504).',
    zh: '等待请求应答的最长时间，包含所有重试（超出则 504）。',
  },
  'uplink.chat': {
    kind: boolean(),
    default: false,
    en: 'Let users write to each other: a request with the key `chat` goes to the user it names.',
    zh: '允许用户互发消息：key 为 `chat` 的请求发给其中指定的用户。',
  },
  'uplink.chatRoom': {
    kind: boolean(),
    default: false,
    en: 'Let users write to groups they are in: a request with the key `chat_room` goes to the group it names.',
    zh: '允许用户向所在分组发消息：key 为 `chat_room` 的请求发给其中指定的分组。',
  },
  'events.sinks': {
    kind: list(eventSink),
    default: [],
    en: 'Where connection events go (`online`, `bind`, `offline`, `group`; all, or those in `types`), such as `[{type: stream, stream: events, maxLength: 1000000}]`; also `http`, `channel`, `kafka` and `rabbitmq`, as in `uplink.routes`. More: docs/events.md.',
    zh: '连接事件（`online`、`bind`、`offline`、`group`；全部，或仅 `types` 所列）的去向，例如 `[{type: stream, stream: events, maxLength: 1000000}]`；也可为 `http`、`channel`、`kafka`、`rabbitmq`，写法同 `uplink.routes`。详见 docs/events.zh-CN.md。',
  },
  'events.queue': {
    kind: size({ min: '64KiB', max: '4GiB' }),
    default: '32MiB',
    en: 'Most bytes of events that wait for one sink. Beyond, the oldest are dropped, counted, and announced to it by an event `gap`.',
    zh: '等待单个去向的事件的最大字节数；超出时丢弃最旧的，计数，并以 `gap` 事件告知。',
  },
  'grpc.port': {
    kind: port,
    unset: { en: 'no gRPC', zh: '不启用 gRPC' },
    example: 9090,
    en: 'Port of the gRPC push API; 0 takes any free one. With `tls.cert` it speaks TLS.',
    zh: 'gRPC 推送接口的端口；0 表示任选一个空闲端口。设置了 `tls.cert` 时使用 TLS。',
  },
  'grpc.host': {
    kind: host,
    unset: { en: 'as `host`', zh: '同 `host`' },
    example: '127.0.0.1',
    en: 'Address the gRPC push API listens on.',
    zh: 'gRPC 推送接口的监听地址。',
  },
} as const satisfies Record<string, Setting>;
