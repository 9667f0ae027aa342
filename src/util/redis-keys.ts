/**
 * Keys of one cluster that share a hash slot, so that one script may touch them all: `yunque:{nodes}:meta`. The name of the cluster
 * cannot be mistaken for a separator or a hash tag.
 */
export function redisKeys<const Part extends string>(
  cluster: string,
  slot: string,
  parts: readonly Part[],
): Readonly<Record<Part, string>> {
  const keys = parts.map((part) => [part, `${encodeURIComponent(cluster)}:{${slot}}:${part}`]);
  return Object.fromEntries(keys) as Record<Part, string>;
}

/** Whatever the other key is, this one shares its hash slot; where it has braces that make no hash tag, there is none. */
export function keyBeside(key: string, suffix: string): string {
  return /^[^{]*\{[^}]+\}/.test(key) ? `${key}${suffix}` : `{${key}}${suffix}`;
}
