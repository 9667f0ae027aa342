import { release } from 'node:os';
import { type Examine, ok, warning } from '../finding.ts';

/** What the program runs on. */
export const examinePlatform: Examine = ({ platform }) => {
  const found = `${platform} ${process.arch}, kernel ${release()}, Node ${process.versions.node}`;
  if (platform === 'linux') return [ok(found)];
  return [warning(`${found}: good for trying; no workers here, and fewer figures`, 'run it in production on Linux')];
};
