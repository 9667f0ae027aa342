import { slowPolicies } from '../../api/message-class.ts';
import { map } from '../collection-kinds.ts';
import { choice, duration, integer, size } from '../scalar-kinds.ts';
import { noLongerThan, type Setting } from './setting.ts';

/** Settings: what is bounded. */
export const limitsSettings = {
  'limits.payload': {
    kind: size({ min: '128B', max: '64MiB' }),
    unset: {
      en: '64KiB; 8KiB for `json` with `compat: go-websocket`',
      zh: '64KiB；`compat: go-websocket` 时 `json` 为 8KiB',
    },
    example: '64KiB',
    en: 'Largest WebSocket message a client may send (else 1009).',
    zh: '客户端可发送的最大 WebSocket 消息（超出则 1009）。',
  },
  'limits.assembly': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '10s',
    reload: true,
    en: 'A client that has begun a frame or a message in fragments and not finished it after this long is closed (4002).',
    zh: '客户端开始发送一帧或分片消息后，超过此时间仍未发完则被关闭（4002）。',
  },
  'limits.unfinished': {
    kind: size({ min: '64KiB', max: '64GiB' }),
    default: '64MiB',
    reload: true,
    en: 'Memory for unfinished messages of all clients together. Above, those unfinished longest are closed (4001).',
    zh: '所有客户端未发完的消息合计可占用的内存；超出时关闭等待最久的（4001）。',
  },
  'limits.frameRate': {
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 100,
    en: 'Frames a second a client may send in the long run, pings and fragments included (else 4013); 0: any number.',
    zh: '每个客户端每秒可持续发送的帧数，包括 ping 与分片（超出则 4013）；0 表示不限。',
  },
  'limits.frameBurst': {
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 500,
    en: 'Frames a client that was silent may send at once.',
    zh: '客户端静默一段时间后可一次性发送的帧数。',
  },
  'limits.connections': {
    kind: integer({ min: 0, max: 100_000_000 }),
    default: 0,
    reload: true,
    en: 'Most WebSocket connections of this node (else 503); 0: as many as file descriptors allow.',
    zh: '本节点的最大 WebSocket 连接数（超出则 503）；0 表示以文件描述符为限。',
  },
  'limits.connectionsPerAddress': {
    kind: integer({ min: 0, max: 100_000_000 }),
    default: 0,
    en: 'Most WebSocket connections from one address, or one IPv6 network /64 (else 503); 0: any number.',
    zh: '单个地址（IPv6 为 /64 网段）的最大 WebSocket 连接数（超出则 503）；0 表示不限。',
  },
  'limits.acceptRate': {
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 0,
    en: 'New WebSocket connections a second in the long run (else 503); 0: any number.',
    zh: '每秒可持续接受的新 WebSocket 连接数（超出则 503）；0 表示不限。',
  },
  'limits.acceptBurst': {
    kind: integer({ min: 1, max: 1_000_000 }),
    unset: { en: 'as many as `limits.acceptRate` in one second', zh: '与 `limits.acceptRate` 的一秒数量相同' },
    example: 1000,
    en: 'New WebSocket connections that may come at once after a quiet time.',
    zh: '空闲一段时间后可一次性接受的新 WebSocket 连接数。',
  },
  'limits.flapping': {
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 0,
    en: 'An address, or IPv6 network /64, that connects more often than this in a minute is refused (429) for `limits.flappingBan`; 0: off.',
    zh: '单个地址（IPv6 为 /64 网段）一分钟内连接次数超过此值时，在 `limits.flappingBan` 内被拒绝（429）；0 表示关闭。',
  },
  'limits.flappingBan': {
    kind: duration({ min: '1s', ...noLongerThan }),
    default: '5m',
    en: 'How long such an address is refused.',
    zh: '此类地址被拒绝的时长。',
  },
  'limits.memory': {
    kind: size({ min: '1MiB', max: '64TiB' }),
    unset: { en: 'nine tenths of what a container allows; elsewhere none', zh: '容器允许内存的九成；容器之外不设限' },
    example: '2GiB',
    en: 'Memory (RSS) this node may use. From 85 % of it newcomers are refused (503), from 95 % the longest queues are closed (4008).',
    zh: '本节点可使用的内存（RSS）。达到 85 % 时拒绝新连接（503），达到 95 % 时关闭队列最长的连接（4008）。',
  },
  'limits.body': {
    kind: size({ min: '1KiB', max: '256MiB' }),
    default: '1MiB',
    en: 'Largest body of an HTTP request (else 413).',
    zh: 'HTTP 请求体的最大长度（超出则 413）。',
  },
  'limits.bodies': {
    kind: size({ min: '1MiB', max: '64GiB' }),
    default: '128MiB',
    en: 'Bodies of HTTP requests that are being read and answered, together (else 503), as far as they have come; those of one system’s keys get half of what the others leave at most.',
    zh: '正在读取和处理的 HTTP 请求体的合计大小，按已收到的部分计（超出则 503）；同一系统的密钥最多使用其余部分剩下的一半。',
  },
  'limits.batch': {
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 1000,
    en: 'Most receivers or messages named in one request.',
    zh: '单次请求可列出的接收者或消息的最大数量。',
  },
  'limits.jsonDepth': {
    kind: integer({ min: 4, max: 1000 }),
    default: 32,
    en: 'Deepest nesting of JSON that is read.',
    zh: '所接受 JSON 的最大嵌套层数。',
  },
  'limits.idBytes': {
    kind: size({ min: '64B', max: '4KiB' }),
    default: '256B',
    en: 'Longest system, user, device or group ID, in bytes of UTF-8.',
    zh: '系统、用户、设备或组标识的最大长度（UTF-8 字节）。',
  },
  'limits.headerBytes': {
    kind: size({ min: '2KiB', max: '1MiB' }),
    default: '16KiB',
    en: 'Most bytes of request headers (else 431).',
    zh: '请求头的最大总长度（超出则 431）。',
  },
  'limits.groupsPerConnection': {
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 1000,
    reload: true,
    en: 'Most groups one connection may be in.',
    zh: '单个连接可加入的最大组数。',
  },
  'limits.history': {
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 10_000,
    en: 'Events of clients that `client history` can look back on, of each kind: ends of users, ends of other clients, and the rest. They are in memory, some 500 bytes each.',
    zh: '`client history` 可回溯的客户端事件数，按类别分别计：用户连接的结束、其他连接的结束、其余事件。保存在内存中，每条约 500 字节。',
  },
  'outbox.maxBytes': {
    kind: size({ min: '4KiB', max: '1GiB' }),
    default: '1MiB',
    reload: true,
    en: 'Most bytes waiting for one connection. A client that reads more slowly than that is closed (4008), unless the class of what waits says otherwise.',
    zh: '单个连接的最大待发送字节数。读取过慢而超出的客户端会被关闭（4008），除非消息类别另有规定。',
  },
  'outbox.maxAge': {
    kind: duration({ min: '1s', ...noLongerThan }),
    default: '10s',
    reload: true,
    en: 'How long something may wait for a connection that does not read it. Then, too, the client is closed (4008), unless the class of what waits says otherwise.',
    zh: '消息等待客户端读取的最长时间。超过后客户端同样会被关闭（4008），除非消息类别另有规定。',
  },
  'outbox.classes': {
    kind: map({
      type: 'map of message class to policy',
      expectedName: 'a name such as ticks',
      isName: (name) => /^[\w.-]{1,64}$/.test(name),
      item: choice(slowPolicies),
    }),
    default: {},
    reload: true,
    en: 'Classes of messages that a push may name, and what each meets where a client does not keep up. `disconnect`: the client is closed (4008), as for messages without a class. `drop-newest`: the message is dropped. `drop-oldest`: the oldest waiting messages of the class are. `conflate`: of the class only the newest message of each key waits.',
    zh: '推送可指定的消息类别，以及客户端读取过慢时的处理方式。`disconnect`：关闭客户端（4008），与未指定类别的消息相同。`drop-newest`：丢弃该消息。`drop-oldest`：丢弃同类中等待最久的消息。`conflate`：同类中每个键只保留最新一条。',
  },
} as const satisfies Record<string, Setting>;
