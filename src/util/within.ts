/** Settles as the promise does, or rejects after so long. */
export async function within<T>(
  ms: number,
  promise: Promise<T>,
  late = (): Error => new Error(`not within ${ms} ms`),
): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), ms);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
