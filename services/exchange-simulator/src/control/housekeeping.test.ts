import { describe, expect, it } from '@jest/globals';
import { UserEvents } from '../answers/user-events.ts';
import { WireIds } from '../answers/wire-ids.ts';
import { RequestParameters } from '../http/request-parameters.ts';
import { listenKeyRoutes } from '../http/routes/listen-key-routes.ts';
import { ListenKeys } from '../websocket/listen-keys.ts';
import { Housekeeping } from './housekeeping.ts';

const MINUTE_MS = 60_000;

const aHousehold = () => {
  const clock = { wallMs: 1 };
  const log: string[] = [];
  const listenKeys = new ListenKeys();
  const housekeeping = new Housekeeping({
    hub: {
      publishToAccount: (accountId, payload) => log.push(`${accountId} ${payload}`),
      forgetListenKey: (key) => log.push(`forget ${key}`),
      pingAll: () => log.push('ping'),
      closeExpired: () => {},
      stop: () => log.push('stop'),
    },
    listenKeys,
    events: new UserEvents(new WireIds(false)),
    marketMs: () => 42,
    wallMs: () => clock.wallMs,
  });
  return { clock, log, listenKeys, housekeeping };
};

describe('Housekeeping', () => {
  it('pings every three minutes of wall time', async () => {
    const { clock, log, housekeeping } = aHousehold();
    await housekeeping.start();
    for (let minute = 1; minute <= 7; minute += 1) {
      clock.wallMs = minute * MINUTE_MS + 1;
      housekeeping.look();
    }
    await housekeeping.stop();
    expect(log).toEqual(['ping', 'ping', 'stop']);
  });

  it('says so too when the next key is asked for before it has looked', async () => {
    const { clock, log, listenKeys, housekeeping } = aHousehold();
    const key = listenKeys.open('account-1', clock.wallMs);
    clock.wallMs += 60 * MINUTE_MS;
    const routes = listenKeyRoutes({
      listenKeys,
      wallMs: () => clock.wallMs,
      endExpired: () => housekeeping.endExpiredKeys(),
      onClosed: () => {},
    });
    const params = new RequestParameters('');
    const next = routes.find(({ method }) => method === 'POST')?.answer({ params, accountId: 'account-1' });
    expect(next).not.toEqual({ listenKey: key });
    expect(log.map((line) => line.slice(0, 16))).toEqual(['account-1 {"e":"', `forget ${key.slice(0, 9)}`]);
  });

  it('says that a listen key has run out, then sends it nothing more', async () => {
    const { clock, log, listenKeys, housekeeping } = aHousehold();
    await housekeeping.start();
    const key = listenKeys.open('account-1', clock.wallMs);
    clock.wallMs += 60 * MINUTE_MS;
    housekeeping.look();
    await housekeeping.stop();
    expect(log.slice(0, 2)).toEqual([
      `account-1 {"e":"listenKeyExpired","E":42,"listenKey":"${key}"}`,
      `forget ${key}`,
    ]);
  });
});
