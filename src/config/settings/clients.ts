import { list } from '../collection-kinds.ts';
import { boolean, choice, duration } from '../scalar-kinds.ts';
import { noLongerThan, type Setting } from './setting.ts';

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
} as const satisfies Record<string, Setting>;
