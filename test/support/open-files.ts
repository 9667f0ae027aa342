/** Throws what to do where this process may not open so many descriptors. Node has raised the soft limit to the hard one already. */
export function requireOpenFiles(needed: number): void {
  const report = process.report.getReport() as unknown as { userLimits?: { open_files?: { soft: number | string } } };
  const soft = report.userLimits?.open_files?.soft ?? 'unlimited';
  if (soft === 'unlimited' || Number(soft) >= needed) return;
  throw new Error(`this opens ${needed} sockets and the limit is ${soft}: run it after "ulimit -n ${2 * needed}"`);
}
