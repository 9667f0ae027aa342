// Exits 0 where node_modules holds what package-lock.json names, else 1. Runs under whatever old Node a machine has.
import { readFileSync } from 'node:fs';

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

function isFresh() {
  try {
    const installed = packagesOf('node_modules/.package-lock.json');
    const wanted = Object.entries(packagesOf('package-lock.json')).filter(([path]) => path !== '');
    return wanted.every(([path, { version, optional }]) => {
      const found = installed[path];
      return found === undefined ? optional === true : found.version === version;
    });
  } catch {
    return false;
  }
}

process.exitCode = isFresh() ? 0 : 1;
