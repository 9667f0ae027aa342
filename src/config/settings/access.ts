import { list } from '../collection-kinds.ts';
import { boolean, choice, duration, integer, text } from '../scalar-kinds.ts';
import { tokenSource } from '../token-source.ts';
import { cryptoKey, network, operatorKey, origin } from '../value-checks.ts';
import { noLongerThan, type Setting } from './setting.ts';

/** Settings: who may do what, and what proves it. */
export const accessSettings = {
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
} as const satisfies Record<string, Setting>;
