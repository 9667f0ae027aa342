import { formatBytes } from '../../util/figures.ts';
import type { Texts } from './en.ts';

const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** `--dry-run` 对各步骤的说明。 */
export const dryRunZh: Texts['dryRun'] = {
  would: '将会',
  nothing: '不做任何改动',
  nodes: '节点',
  dialects: '方言',
  unknown: '不存在',
  noAnswer: '无应答',
  exit: '退出码',
  nothingDone: '没有做任何改动：这是 --dry-run',
  reloadHint: '哪些设置会变化只有节点自己知道；yunque config check 可检查本机上的配置',
  steps: {
    send: ({ connections, system }) => `发送给系统 ${system} 的 ${connections} 个连接`,
    close: ({ connections, system }) => `关闭系统 ${system} 的 ${connections} 个连接`,
    ban: ({ uid, system, until }) => `在 ${time(until)} 之前拒绝 ${uid} 登录系统 ${system}`,
    unban: ({ uid, system }) => `允许 ${uid} 再次登录系统 ${system}`,
    join: ({ group, system, connections }) => `将 ${connections} 个连接加入系统 ${system} 的群组 ${group}`,
    leave: ({ group, system, connections }) => `将 ${connections} 个连接移出系统 ${system} 的群组 ${group}`,
    'remove-group': ({ group, system, connections }) =>
      `删除系统 ${system} 的群组 ${group}，其中有 ${connections} 个连接`,
    'add-system': ({ system }) => `添加系统 ${system}`,
    'remove-system': ({ system, connections, keys, bans }) =>
      `删除系统 ${system}：关闭 ${connections} 个连接，删除 ${keys} 个 API 密钥和 ${bans} 个封禁`,
    'make-key': ({ system, role, expiresAt }) =>
      `生成${system === undefined ? '运维' : `系统 ${system} 的`} API 密钥，角色 ${role}${
        expiresAt === undefined ? '' : `，有效期至 ${time(expiresAt)}`
      }`,
    'keep-key': ({ id }) => `密钥 ${id} 继续有效`,
    'end-key': ({ id }) => `密钥 ${id} 失效`,
    drain: ({ node, connections, perSecond }) =>
      `送走节点 ${node} 的 ${connections} 个连接${perSecond === undefined ? '' : `，每秒 ${perSecond} 个`}，不再接受新客户端`,
    resume: ({ node }) => `让节点 ${node} 重新接受客户端`,
    'heap-snapshot': ({ node, heapBytes }) => `让节点 ${node} 停顿，将 ${formatBytes(heapBytes)} 的堆写入其数据目录`,
    stop: ({ node, connections, now }) => `停止节点 ${node}，${now ? '立即' : ''}关闭其 ${connections} 个连接`,
    reload: ({ node }) => `让节点 ${node} 重新读取配置并重新打开日志文件`,
    'save-context': ({ context, server, isReplaced }) =>
      `${isReplaced ? '替换' : '添加'}上下文 ${context}，服务器为 ${server}`,
    'use-context': ({ context }) => (context === null ? '不再有当前上下文' : `将 ${context} 设为当前上下文`),
    'forget-context': ({ context }) => `删除上下文 ${context}`,
    'write-file': ({ file }) => `写入 ${file}`,
    'mint-token': ({ uid, system, expiresAt, alg }) =>
      `为用户 ${uid}（系统 ${system}）签发令牌，算法 ${alg}，有效期至 ${time(expiresAt)}`,
  },
};
