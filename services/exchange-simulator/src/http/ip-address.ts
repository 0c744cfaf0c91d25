import type { IncomingMessage } from 'node:http';

const MAPPED = '::ffff:';

/** Returns where a request comes from. IPv4 callers of a socket that listens on IPv6 are given as IPv4. */
export function ipOf({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
}
