import type { ManTexts } from './man-en.ts';

/** 手册页的中文文本，结构与 `man-en.ts` 相同。 */
export const manZh: ManTexts = {
  titles: {
    name: '名称',
    synopsis: '概要',
    description: '说明',
    options: '选项',
    commands: '命令',
    environment: '环境变量',
    files: '文件',
    exit: '退出码',
    examples: '示例',
  },
  short: '向 WebSocket 连接、用户、设备、群组、系统或所有人推送消息',
  description: [
    '云雀（yunque）是向 WebSocket 客户端推送消息的服务器，也是其运维工具。各命令与一个节点通信：通过运维套接字访问本机的节点，或依次访问 -s、-C、YUNQUE_SERVER、YUNQUE_CONTEXT、当前上下文所指定的服务器。',
    '结果写到标准输出，其余一律写到标准错误。密钥和令牌从不作为参数：参数对本机所有用户可见。',
  ],
  optionsIntro: '可写在命令之前或之后。',
  choices: (list) => `可选：${list}。`,
  fallback: (value) => `默认：${value}。`,
  environment: [
    ['YUNQUE_SERVER', '服务器，同 -s'],
    ['YUNQUE_CONTEXT', '上下文，同 -C'],
    ['YUNQUE_COMPLETION_TIMEOUT', '补全等待名称的时长；未设置时为 300ms'],
    ['YUNQUE_KEY, YUNQUE_KEY_FILE', '运维密钥，或存放它的文件'],
    ['YUNQUE_CA_FILE', '同 --ca-file'],
    ['YUNQUE_TOKEN', 'connect 与 token check 所用的令牌'],
    ['YUNQUE_DATA_DIR', 'serve 的数据目录；命令也在其中查找运维套接字'],
    ['NO_COLOR', '已设置且不为空时不使用颜色'],
    ['LC_ALL, LC_MESSAGES, LANG', '没有 --lang 时的语言，取第一个已设置的'],
    [
      'XDG_CONFIG_HOME, XDG_RUNTIME_DIR, XDG_STATE_HOME',
      '下列文件的位置，代替 ~/.config、~/.local/state/yunque/run 与 ~/.local/state',
    ],
    ['YUNQUE_…', '每项设置都有对应的变量；yunque config show --sources 显示生效的来源'],
  ],
  files: [
    ['$XDG_CONFIG_HOME/yunque/contexts.json', '用户的上下文（0600）'],
    ['$XDG_RUNTIME_DIR/yunque/PORT.sock', '端口 PORT 上节点的运维套接字'],
    ['$XDG_RUNTIME_DIR/yunque/PORT.key', '没有配置运维密钥时由节点生成的密钥'],
    [
      '$XDG_STATE_HOME/yunque/PORT/',
      '没有指定时，端口 PORT 上节点的数据目录：系统、密钥、封禁；后台节点的日志和进程号也在其中',
    ],
    ['configs/config.yaml', 'serve 与 config 首先查找的配置文件'],
  ],
};
