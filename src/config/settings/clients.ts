import { list, map } from '../collection-kinds.ts';
import { boolean, choice, duration, size } from '../scalar-kinds.ts';
import { noLongerThan, type Setting } from './setting.ts';

const flushDelay = duration({ min: '0ms', max: '10s' });

export const channels = ['android', 'ios', 'windows', 'mac', 'web'] as const;

/** Settings: heartbeats, devices and groups of clients. */
export const clientsSettings = {
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
  'compression.enabled': {
    kind: boolean(),
    default: false,
    en: 'Compress messages for clients that ask for it (permessage-deflate) and are known when they connect: `json`, and others with their token in the URL. A message then takes about five times the processor, and is encoded for each of them.',
    zh: '为提出要求（permessage-deflate）且连接时身份已知的客户端压缩消息：`json`，以及在 URL 中携带令牌的其他方言。每条消息的处理器开销约为五倍，并且逐个客户端编码。',
  },
  'compression.threshold': {
    kind: size({ min: '1B', max: '64MiB' }),
    default: '1KiB',
    en: 'Smaller messages are not compressed.',
    zh: '小于此值的消息不压缩。',
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
  'groups.flushDelay': {
    kind: flushDelay,
    default: '0ms',
    reload: true,
    en: 'How long a group collects messages before its members get them in one write. 0: until the end of the turn of the event loop, and the receipt says what became of them; longer saves most of the cost of a busy group, and the receipt says `queued`.',
    zh: '组在向成员一次性写出之前收集消息的时间。0 表示到本轮事件循环结束为止，回执说明投递结果；更长的时间可大幅降低繁忙组的开销，回执中计为 `queued`。',
  },
  'groups.flushDelays': {
    kind: map({
      type: 'map of group to duration',
      expectedName: 'the name of a group, or the beginning of names with a * behind it',
      isName: (name) => /^[^*]+\*?$/.test(name) || name === '*',
      item: flushDelay,
    }),
    default: {},
    example: { 'ticker:*': '20ms' },
    reload: true,
    en: 'Delays of single groups, by name, or by the beginning of a name with a `*` behind it; the first that fits holds. Groups that are not named wait for `groups.flushDelay`.',
    zh: '个别组的延迟：按组名，或以 `*` 结尾的名称前缀；取第一个匹配项。未列出的组使用 `groups.flushDelay`。',
  },
  'groups.batch': {
    kind: size({ min: '4KiB', max: '16MiB' }),
    default: '256KiB',
    reload: true,
    en: 'Collected messages of a group, or of a system, that are this long together wait no longer.',
    zh: '组或系统收集的消息合计达到此大小时不再等待。',
  },
} as const satisfies Record<string, Setting>;
