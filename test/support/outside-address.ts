import { networkInterfaces } from 'node:os';

/** An IPv4 address of this machine that is not loopback: whoever connects to it comes from it. Throws where there is none. */
export function outsideAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined)
    throw new Error('this test needs a network interface besides loopback, with an IPv4 address');
  return found.address;
}
