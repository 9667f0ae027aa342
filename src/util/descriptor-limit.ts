import { readFileSync } from 'node:fs';

/** File descriptors this process may have; undefined where the system does not tell. Node has raised the soft limit to the hard one when it started. */
export function descriptorLimit(): number | undefined {
  const text = process.platform === 'linux' ? readFileSync('/proc/self/limits', 'utf8') : undefined;
  const soft = Number(text === undefined ? reportedLimit() : /^Max open files +(\d+)/m.exec(text)?.[1]);
  return soft > 0 ? soft : undefined;
}

function reportedLimit(): number | string | undefined {
  // In Node since 22.12, not yet in its types: without it the report looks up the names of all addresses.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  return userLimits?.open_files?.soft;
}
