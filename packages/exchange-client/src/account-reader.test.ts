import { describe, expect, it } from '@jest/globals';
import { AccountReader } from './account-reader.ts';
import type { SignedClient, VenueCall } from './signed-client.ts';
import type { VenueTime } from './venue-time.ts';

const aReader = () => {
  const calls: VenueCall[] = [];
  const client = {
    call: (call: VenueCall) => {
      calls.push(call);
      return Promise.resolve({ kind: 'answered', httpStatus: 200, body: '[]', retryAfterMs: null });
    },
  } as unknown as SignedClient;
  const time = { nowMs: () => 0 } as VenueTime;
  return { reader: new AccountReader({ client, time, deadlineMs: 1 }), calls };
};

describe('AccountReader', () => {
  it.each<{ name: string; read: (reader: AccountReader) => Promise<unknown>; priority: string }>([
    { name: 'positions', read: (reader) => reader.positions(), priority: 'protective' },
    { name: 'fills', read: (reader) => reader.fills({ symbol: 'BTCUSDT' }), priority: 'protective' },
    { name: 'income', read: (reader) => reader.income({ startMs: 0 }), priority: 'normal' },
  ])(
    'reads $name as $priority: what leaving a position waits for may use the whole budget',
    async ({ read, priority }) => {
      const { reader, calls } = aReader();
      await read(reader);
      expect(calls).toMatchObject([{ priority }]);
    },
  );
});
