import { choice, duration, integer, size, text } from '../scalar-kinds.ts';
import { noLongerThan, type Setting } from './setting.ts';

/** Settings: stopping, logs and the probe. */
export const runningSettings = {
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
