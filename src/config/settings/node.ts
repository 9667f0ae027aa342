import { list, map } from '../collection-kinds.ts';
import { boolean, choice, duration, size, text } from '../scalar-kinds.ts';
import { dialect, host, listener, place, port, systemId, workers } from '../value-checks.ts';
import { noLongerThan, type Setting } from './setting.ts';

/** Settings: where a node listens, what it keeps, whom it serves. */
export const nodeSettings = {
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
  workers: {
    kind: workers,
    unset: { en: 'one process, without a supervisor', zh: '单进程，无监督进程' },
    example: 'auto',
    en: 'Processes that accept on the same port, each a node with an id of its own, under a supervisor that restarts them; `auto`: one for each core. Linux only. The RPC between them takes the ports from `port` + 1000 on, on loopback. Limits hold for each of them. `--workers` sets it too.',
    zh: '在同一端口上接受连接的进程数，各为一个独立节点，由监督进程负责重启；`auto` 表示每个 CPU 核心一个。仅限 Linux。进程间 RPC 使用本机回环地址上从 `port` + 1000 起的端口。各项限制对每个进程分别生效。也可用 `--workers` 指定。',
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
  'systems.flushDelay': {
    kind: duration({ min: '0ms', max: '10s' }),
    default: '0ms',
    reload: true,
    en: 'How long messages to everyone in a system are collected, as `groups.flushDelay` says of groups.',
    zh: '发给系统内所有人的消息的收集时间，含义同 `groups.flushDelay`。',
  },
} as const satisfies Record<string, Setting>;
