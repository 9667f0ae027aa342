import { descriptorLimit } from '../../../util/descriptor-limit.ts';
import { type Examine, failed, ok, skipped, warning } from '../finding.ts';

/** For files, listeners, other servers and whoever pushes. */
const spare = 1000;
/** Of a node of which nobody has said how many connections it should hold. */
const usual = 10_000;
const remedy =
  'raise it: LimitNOFILE= in the systemd unit, --ulimit nofile= of a container, or nofile in /etc/security/limits.conf';

/** The limit of the node that runs here, else the one of this shell, which a service need not have. */
export const examineDescriptors: Examine = async ({ platform, connections, read, node }) => {
  const seen = await node().catch(() => undefined);
  const pid = seen?.isHere === true ? seen.pids[0] : undefined;
  const ofNode = pid === undefined ? undefined : /^Max open files +(\d+)/m.exec(read(`/proc/${pid}/limits`) ?? '')?.[1];
  const limit = ofNode === undefined ? descriptorLimit() : Number(ofNode);
  if (limit === undefined) return [skipped(`${platform} has no such limit, or does not tell it`)];
  const whose = ofNode === undefined ? 'this shell' : `the node, process ${pid},`;
  const found = `${whose} may open ${limit} files and sockets`;
  if (connections === undefined) {
    return [limit < usual ? warning(`${found}, each connection is one`, remedy) : ok(found)];
  }
  if (limit < connections) return [failed(`${found}, for ${connections} connections`, remedy)];
  if (limit < connections + spare) return [warning(`${found}, hardly more than ${connections} connections`, remedy)];
  return [ok(`${found}, for ${connections} connections`)];
};
