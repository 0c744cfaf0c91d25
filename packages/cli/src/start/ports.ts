import { createServer } from 'node:net';
import { AppError } from '@qt/kernel';
import { describePortOwner } from '@qt/service-kit';

/** The ports of the guides. */
export const PORTS = {
  'regime-service': 8080,
  'ai-service': 8001,
  'exec-risk-service': 8002,
  'analytics-os-service': 8003,
  'exchange-simulator': 8090,
  redis: 6379,
  postgres: 5432,
} as const;
export type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

/** Below the ports that the system gives to outgoing connections (from 32768 on): one of those could be taken between the look and the use. */
const HIGHEST_OFFSET = 24_000;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

const shifted = (offset: number): Ports =>
  Object.fromEntries(Object.entries(PORTS).map(([name, port]) => [name, port + offset])) as Ports;

const takenAmong = async (ports: Ports): Promise<number[]> => {
  const taken: number[] = [];
  for (const port of Object.values(ports)) if (!(await isFree(port))) taken.push(port);
  return taken;
};

/**
 * Returns the suite's ports, all of them free. `auto` looks for an offset at which they are.
 *
 * Throws: PORT_TAKEN naming each taken port with its owner.
 */
export const choosePorts = async (wanted: number | 'auto'): Promise<{ ports: Ports; offset: number }> => {
  if (wanted === 'auto') {
    const first = 1_000 + (process.pid % 230) * 100;
    for (let tried = 0; tried < 240; tried += 1) {
      const offset = (first + tried * 100) % HIGHEST_OFFSET;
      if ((await takenAmong(shifted(offset))).length === 0) return { ports: shifted(offset), offset };
    }
  }
  const offset = wanted === 'auto' ? 0 : wanted;
  const ports = shifted(offset);
  const taken = await takenAmong(ports);
  if (taken.length === 0) return { ports, offset };
  const message = `${taken.map(describePortOwner).join('. ')}. End ${taken.length === 1 ? 'it' : 'them'}, or move the whole suite with --port-offset, such as --port-offset ${offset + 10_000}`;
  throw new AppError('PORT_TAKEN', message, { retryable: false });
};
