import { describe, expect, it } from '@jest/globals';
import { isLocalHost } from './foreign-pages.ts';

describe('isLocalHost', () => {
  it.each([
    '127.0.0.1:8090',
    '[::1]:8090',
    '192.168.0.4',
    'localhost:8090',
    'exchange-simulator:8090',
    'host.docker.internal:8090',
    'exchange-simulator.trading.svc.cluster.local',
  ])('takes %s', (host) => expect(isLocalHost(host)).toBe(true));

  it.each(['evil.example:8090', 'localhost.evil.example', '127.0.0.1.evil.example:8090', 'a.b:1', 'evil.example.', ''])(
    'does not take "%s"',
    (host) => expect(isLocalHost(host)).toBe(false),
  );
});
