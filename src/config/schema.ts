import { list, map } from './collection-kinds.ts';
import type { Kind } from './kind.ts';
import { boolean, choice, duration, integer, size, text } from './scalar-kinds.ts';
import { tokenSource } from './token-source.ts';
import {
  cryptoKey,
  dialect,
  host,
  listener,
  network,
  operatorKey,
  origin,
  place,
  port,
  systemId,
} from './value-checks.ts';

/** One setting: what it takes, what it is when nobody says, and what it means. */
export interface Setting<V = unknown> {
  readonly kind: Kind<V>;
  /** In the spelling of a YAML file. Absent: the setting may be unset, and `unset` says what happens then. */
  readonly default?: unknown;
  readonly unset?: { readonly en: string; readonly zh: string };
  /** For the file that shows every setting, where there is no default to show. */
  readonly example?: unknown;
  readonly secret?: true;
  /** A running node takes it from `yunque reload`, with `where set` only from one value to another; else it needs a restart. */
  readonly reload?: true | 'where set';
  readonly en: string;
  readonly zh: string;
}

export const channels = ['android', 'ios', 'windows', 'mac', 'web'] as const;

const noLongerThan = { max: '1d' } as const;

/**
 * Every setting, in the order of the documentation. A key is what a file, `--set` and (in capitals) the environment call
 * it. In `Config` the dots are nesting, a duration's field ends in `Ms` and a size's in `Bytes`, and both are numbers:
 * `heartbeat.json.pingInterval: 25s` is `config.heartbeat.json.pingIntervalMs === 25000`.
 */
export const settings = {
  port: {
    kind: port,
    default: 666,
    en: 'Port of HTTP and WebSocket; 0 takes any free one. `serve PORT` sets it too.',
    zh: 'HTTP 与 WebSocket 共用的端口；0 表示任选一个空闲端口。也可用 `serve PORT` 指定。',
  },
  host: {
    kind: host,
    unset: { en: 'all addresses, IPv4 and IPv6', zh: '所有地址（IPv4 与 IPv6）' },
    example: '127.0.0.1',
    en: 'Address to listen on.',
    zh: '监听地址。',
  },
  listeners: {
    kind: list(listener),
    default: [],
    en: 'Further ports, each with the dialect its path `/` speaks: CIM’s web SDK wants `[{port: 34567, dialect: cim}]`.',
    zh: '额外的监听端口，以及各自路径 `/` 所用的协议；CIM 的 Web SDK 需要 `[{port: 34567, dialect: cim}]`。',
  },
  'tls.cert': {
    kind: text({ type: 'path', expected: 'a path' }),
    unset: { en: 'no TLS', zh: '不启用 TLS' },
    example: '/etc/yunque/tls.crt',
    reload: 'where set',
    en: 'Certificate in PEM, with those of the authorities between: the ports speak HTTPS and WSS, and nothing else. With `tls.key`.',
    zh: 'PEM 证书（含中间证书）：各端口只提供 HTTPS 与 WSS。须与 `tls.key` 同时设置。',
  },
  'tls.key': {
    kind: text({ type: 'path', expected: 'a path' }),
    unset: { en: 'no TLS', zh: '不启用 TLS' },
    example: '/etc/yunque/tls.key',
    reload: 'where set',
    en: 'Private key of the certificate, in PEM, without a passphrase.',
    zh: '证书的私钥，PEM 格式，不带口令。',
  },
  'internal.listen': {
    kind: place,
    unset: { en: 'no such listener: everything is on the ports above', zh: '不启用：所有接口都在上述端口' },
    example: '127.0.0.1:9666',
    en: 'Address and port of an internal listener. Push, groups, lists, admin API, metrics and probes are there and no longer on the other ports, which carry WebSocket only.',
    zh: '内部监听地址。推送、分组、列表、管理 API、指标与探针只在此处提供；其余端口仅承载 WebSocket。',
  },
  'internal.tls': {
    kind: boolean(),
    default: false,
    en: 'TLS on the internal listener too, with the same certificate.',
    zh: '内部监听也使用 TLS，证书相同。',
  },
  dataDir: {
    kind: text({ type: 'path', expected: 'a path' }),
    unset: { en: 'one per port, under the user’s state folder', zh: '用户状态目录下，每个端口一个' },
    example: '/var/lib/yunque',
    en: 'Data directory: systems, keys, the node’s identity. One node holds it at a time.',
    zh: '数据目录：系统、密钥、节点身份。同一时间只能由一个节点占用。',
  },
  maxHeap: {
    kind: size({ min: '64MiB', max: '1024GiB' }),
    unset: { en: 'what Node takes, by the memory there is', zh: '由 Node 按可用内存决定' },
    example: '2GiB',
    en: 'Most the JavaScript heap may grow to, whole MiB; buffers of sockets are not in it. The process starts itself again with it. `--max-heap` sets it too.',
    zh: 'JavaScript 堆的上限（取整 MiB）；套接字缓冲区不在其中。进程会以此上限重新启动自身。也可用 `--max-heap` 指定。',
  },
  demo: {
    kind: boolean(),
    default: false,
    en: 'Serve the demo accounts under `/login`. Not for production.',
    zh: '开放 `/login` 下的演示账号。不要用于生产环境。',
  },
  paths: {
    kind: map({
      type: 'map of path to dialect',
      expectedName: 'a path such as /ws',
      isName: (name) => /^\/[!-~]*$/.test(name) && !/[?#]/.test(name),
      item: dialect,
    }),
    default: { '/ws': 'json', '/yunque': 'yunque', '/': 'yunque', '/cim': 'cim', '/cim-json': 'cim-json' },
    en: 'Which dialect a WebSocket path speaks. What is given is merged over the default; `null` removes a path.',
    zh: '每个 WebSocket 路径使用的协议。所写内容合并到默认值之上；值为 `null` 则删除该路径。',
  },
  bindTimeout: {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '10s',
    reload: true,
    en: 'A connection that should bind to a user and has not done so is closed after this long (4002).',
    zh: '应绑定用户却未绑定的连接，超过此时间会被关闭（4002）。',
  },
  cluster: {
    kind: boolean(),
    default: false,
    en: 'Cluster mode. Not in this version: `true` is refused.',
    zh: '集群模式。本版本尚未提供：设为 `true` 会被拒绝。',
  },
  compat: {
    kind: choice(['go-websocket']),
    unset: { en: 'none', zh: '无' },
    example: 'go-websocket',
    en: 'Whose limits hold where none are written. `go-websocket`: `json` clients may send 8 KiB in one message instead of 64 KiB; nothing else changes.',
    zh: '未写明时沿用谁的限制。`go-websocket`：`json` 客户端单条消息上限为 8 KiB 而非 64 KiB；其余不变。',
  },
  'systems.required': {
    kind: boolean(),
    default: false,
    en: 'Refuse `json` connections that name no system. Otherwise they belong to the system `default`.',
    zh: '拒绝未指明系统的 `json` 连接；否则它们属于系统 `default`。',
  },
  'systems.list': {
    kind: list(systemId),
    default: [],
    reload: true,
    en: 'Systems (tenants) that exist from the start, besides `default` and those registered.',
    zh: '启动时即存在的系统（租户），`default` 和已注册的系统之外。',
  },
  'auth.trustLoopback': {
    kind: boolean(),
    default: true,
    reload: true,
    en: 'Trust requests from this machine that show no sign of a proxy or a foreign web page. Set false behind a proxy.',
    zh: '信任来自本机、且没有代理或外部网页痕迹的请求。位于代理之后时请设为 false。',
  },
  'auth.trustedNetworks': {
    kind: list(network),
    default: [],
    reload: true,
    en: 'Networks trusted like this machine: backends that push without a key. Example: `[10.1.0.0/16]`.',
    zh: '与本机同样受信任的网段：其中的后端无需密钥即可推送。例如 `[10.1.0.0/16]`。',
  },
  'auth.origins': {
    kind: list(origin),
    default: [],
    reload: true,
    en: 'Web pages that may connect, exactly as browsers name them: `[https://app.example.com]`. Empty: all. Clients that are no browsers always may.',
    zh: '允许连接的网页来源，须与浏览器给出的完全一致：`[https://app.example.com]`。为空则不限。非浏览器客户端不受影响。',
  },
  'auth.tokens': {
    kind: list(tokenSource),
    default: [],
    reload: true,
    en: 'What clients’ tokens are checked with, each for the systems it names or for all. Examples: docs/operations.md.',
    zh: '校验客户端令牌的来源，各自用于所列系统或全部系统。示例见 docs/operations.md。',
  },
  'auth.connect': {
    kind: choice(['anonymous', 'token']),
    unset: {
      en: 'a token is required in the systems that a source of `auth.tokens` covers',
      zh: '`auth.tokens` 的来源所覆盖的系统要求令牌',
    },
    example: 'anonymous',
    reload: true,
    en: '`token`: connecting takes a token in every system; `anonymous`: in none.',
    zh: '`token`：所有系统都须凭令牌连接；`anonymous`：都不需要。',
  },
  'auth.clockSkew': {
    kind: duration({ min: '0s', max: '60s' }),
    default: '30s',
    reload: true,
    en: 'How far the clock of whoever makes tokens may be from this machine’s.',
    zh: '令牌签发方与本机时钟之间允许的偏差。',
  },
  'auth.failedKeys.delay': {
    kind: duration({ min: '0s', max: '30s' }),
    default: '1s',
    en: 'Longest wait for the answer to a wrong key: 50 ms after an address’s first one in a minute, twice as long after each further one; `0s`: no wait.',
    zh: '错误密钥的应答最长延迟：同一地址一分钟内首次为 50 毫秒，此后每次加倍；`0s` 表示不延迟。',
  },
  'auth.failedKeys.perMinute': {
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 0,
    en: 'An address, or IPv6 network /64, that presents more wrong keys than this in a minute is refused with any key (429) for `auth.failedKeys.ban`; 0: off.',
    zh: '单个地址（IPv6 为 /64 网段）一分钟内提交的错误密钥超过此数时，在 `auth.failedKeys.ban` 内无论使用何种密钥都被拒绝（429）；0 表示关闭。',
  },
  'auth.failedKeys.ban': {
    kind: duration({ min: '1s', ...noLongerThan }),
    default: '5m',
    en: 'How long such an address is refused.',
    zh: '此类地址被拒绝的时长。',
  },
  'proxy.trusted': {
    kind: list(network),
    default: [],
    reload: true,
    en: 'Proxies in front of this node, such as `[127.0.0.0/8]`: behind them the address of a client is what X-Forwarded-For says. It opens nothing.',
    zh: '本节点之前的代理，例如 `[127.0.0.0/8]`：经由它们时，客户端地址取自 X-Forwarded-For。不会因此放开任何权限。',
  },
  'crypto.key': {
    kind: cryptoKey,
    unset: { en: 'a random key, kept in the data directory', zh: '随机生成，保存在数据目录中' },
    secret: true,
    en: 'Key that encrypts clientIds (go-websocket’s `crypto_key`): 16, 24 or 32 bytes, the same on every node.',
    zh: '加密 clientId 的密钥（即 go-websocket 的 `crypto_key`）：16、24 或 32 字节，各节点必须相同。',
  },
  'operator.key': {
    kind: operatorKey,
    unset: { en: 'a random key, kept beside the operator socket', zh: '随机生成，保存在运维套接字旁' },
    secret: true,
    en: 'Key of the operator: the admin API, `top` and every command from another machine.',
    zh: '运维密钥：用于管理 API、`top` 以及从其他机器执行的所有命令。',
  },
  'operator.group': {
    kind: text({ type: 'group', expected: 'the name of a group of this machine' }),
    unset: { en: 'the server’s own user only', zh: '仅限服务进程的用户' },
    example: 'yunque',
    en: 'Users in this group of the machine may use the operator socket.',
    zh: '该用户组的成员可以使用运维套接字。',
  },
  'heartbeat.json.pingInterval': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '25s',
    reload: true,
    en: 'How often `json` connections are pinged.',
    zh: '向 `json` 连接发送 ping 的间隔。',
  },
  'heartbeat.json.timeout': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '10s',
    reload: true,
    en: 'A `json` connection that sends nothing for this long after a ping is closed (4012).',
    zh: 'ping 之后在此时间内没有任何数据的 `json` 连接会被关闭（4012）。',
  },
  'heartbeat.protobuf.pingAfter': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '45s',
    reload: true,
    en: 'A `yunque`, `cim` or `cim-json` connection is pinged when it has sent nothing for this long.',
    zh: '`yunque`、`cim`、`cim-json` 连接在此时间内没有上行数据时发送 PING。',
  },
  'heartbeat.protobuf.timeout': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '60s',
    reload: true,
    en: 'It is closed (4012) when it has sent nothing for this long. Longer than `pingAfter`.',
    zh: '在此时间内没有上行数据的连接会被关闭（4012）。必须大于 `pingAfter`。',
  },
  'devices.exclusive': {
    kind: list(list(choice(channels))),
    default: [
      ['android', 'ios'],
      ['windows', 'mac', 'web'],
    ],
    reload: true,
    en: 'Classes of channels. Within a class a user has one device: a newer login replaces the older (999).',
    zh: '互斥的终端类别。同一类别中用户只能有一台设备在线：新登录会顶替旧的（999）。',
  },
  'devices.coexist': {
    kind: list(choice(channels)),
    default: ['web'],
    reload: true,
    en: 'Channels of which one device may hold several connections, such as the tabs of a browser.',
    zh: '同一设备可同时保持多个连接的终端，例如浏览器的多个标签页。',
  },
  'groups.notices': {
    kind: boolean(),
    default: true,
    reload: true,
    en: 'Tell the members of a group who comes (1001) and who goes (1002).',
    zh: '成员上线（1001）与下线（1002）时通知组内成员。',
  },
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
  'outbox.maxBytes': {
    kind: size({ min: '4KiB', max: '1GiB' }),
    default: '1MiB',
    en: 'Most bytes waiting for one connection. A client that reads more slowly than that is closed (4008).',
    zh: '单个连接的最大待发送字节数。读取过慢而超出的客户端会被关闭（4008）。',
  },
  'drain.grace': {
    kind: duration({ min: '0s', ...noLongerThan }),
    default: '2s',
    reload: true,
    en: 'When stopping, how long `/readyz` says so before the first client is closed, for balancers to notice. A node without clients that nobody asked anything for 15s does not wait.',
    zh: '停机时，关闭第一个客户端之前 `/readyz` 先报告未就绪的时间，供负载均衡器察觉。没有客户端且 15 秒内无人请求的节点不等待。',
  },
  'drain.duration': {
    kind: duration({ min: '0s', ...noLongerThan }),
    default: '20s',
    reload: true,
    en: 'When stopping, clients are closed (4001) spread over this time, so that they do not return all at once. Few clients take less: 500 are closed a second.',
    zh: '停机时在此时间内陆续关闭客户端（4001），避免它们同时重连。客户端较少时用时更短：每秒关闭 500 个。',
  },
  'drain.hardLimit': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '30s',
    reload: true,
    en: 'Stopping never takes longer than this.',
    zh: '停机过程的最长时间。',
  },
  'log.level': {
    kind: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    reload: true,
    en: 'Least important lines that are logged.',
    zh: '日志的最低级别。',
  },
  'log.format': {
    kind: choice(['auto', 'json', 'pretty']),
    default: 'auto',
    en: 'JSON lines, or lines for people; `auto` is `pretty` on a terminal and `json` elsewhere.',
    zh: 'JSON 行或便于阅读的行；`auto` 在终端上为 `pretty`，其余为 `json`。',
  },
  'log.file': {
    kind: text({ type: 'path', expected: 'a path' }),
    unset: { en: 'standard output', zh: '标准输出' },
    example: '/var/log/yunque/yunque.log',
    en: 'File for the log, turned at midnight and at `log.maxSize`; older ones are `FILE.1`, `FILE.2`, … SIGHUP and `yunque reload` open it again.',
    zh: '日志文件；每天零点以及达到 `log.maxSize` 时轮换，旧文件为 `FILE.1`、`FILE.2`……。收到 SIGHUP 或执行 `yunque reload` 时重新打开。',
  },
  'log.errorFile': {
    kind: text({ type: 'path', expected: 'a path' }),
    unset: { en: 'none apart', zh: '不单独记录' },
    example: '/var/log/yunque/error.log',
    en: 'File for the lines of level error and fatal once more, by themselves.',
    zh: '额外单独记录 error 与 fatal 级别日志的文件。',
  },
  'log.auditFile': {
    kind: text({ type: 'path', expected: 'a path' }),
    unset: { en: '`audit.jsonl` in the data directory', zh: '数据目录下的 `audit.jsonl`' },
    example: '/var/log/yunque/audit.jsonl',
    en: 'File of the audit log: a JSON line for everything that an operator, a key or a trusted peer changes.',
    zh: '审计日志文件：运维人员、密钥或受信来源所做的每项更改各占一行 JSON。',
  },
  'log.maxSize': {
    kind: size({ min: '1KiB', max: '64GiB' }),
    default: '100MiB',
    reload: true,
    en: 'A log file that has grown to this is turned.',
    zh: '日志文件达到此大小时轮换。',
  },
  'log.maxFiles': {
    kind: integer({ min: 1, max: 1000 }),
    default: 10,
    reload: true,
    en: 'Older log files that are kept, of each.',
    zh: '每种日志文件各自保留的旧文件数。',
  },
  'probe.interval': {
    kind: duration({ min: '100ms', ...noLongerThan }),
    default: '5s',
    reload: true,
    en: 'How often a message is sent round the real path to see whether this node delivers (`/readyz`).',
    zh: '多久沿真实路径发送一条探测消息，以确认本节点能够投递（`/readyz`）。',
  },
} as const satisfies Record<string, Setting>;

export type Settings = typeof settings;
export type SettingKey = keyof Settings;

type ValueOf<S> = S extends { readonly kind: Kind<infer V> }
  ? S extends { readonly default: unknown }
    ? V
    : V | undefined
  : never;

type FieldOf<K extends string, S> = S extends { readonly kind: { readonly unit: 'ms' } }
  ? `${K}Ms`
  : S extends { readonly kind: { readonly unit: 'bytes' } }
    ? K extends `${string}Bytes`
      ? K
      : `${K}Bytes`
    : K;

type Below<S, Head extends string> = {
  readonly [K in keyof S as K extends `${Head}.${infer Rest}` ? Rest : never]: S[K];
};

type Tree<S> = {
  readonly [K in keyof S & string as K extends `${infer Head}.${string}`
    ? Head
    : FieldOf<K, S[K]>]: K extends `${infer Head}.${string}` ? Tree<Below<S, Head>> : ValueOf<S[K]>;
};

/** The whole configuration, checked. Derived from `settings`. */
export type Config = Tree<Settings>;
