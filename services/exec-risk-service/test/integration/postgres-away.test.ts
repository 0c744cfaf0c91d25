import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import { aRefusingVenue } from '../support/a-refusing-venue.ts';
import { aRestartableDatabase } from '../support/a-restartable-database.ts';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;
let postgres: Awaited<ReturnType<typeof aRestartableDatabase>>;
let venue: Awaited<ReturnType<typeof aRefusingVenue>>;
beforeEach(async () => {
  stage = await aStage({
    database: async () => {
      postgres = await aRestartableDatabase();
      return postgres;
    },
  });
  venue = await aRefusingVenue(stage.simulator.restUrl);
  await stage.startExec({ VENUE_REST_URL: venue.url, ORDER_DEADLINE_MS: '6000' });
  await stage.advance(2);
}, 60_000);
afterEach(async () => {
  await stage.close();
  venue.close();
}, 30_000);

// A server that stops and starts beside other work takes its time.
const PATIENCE = { timeoutMs: 20_000 };
const broken = async () => (await stage.invariants()).filter((verdict) => !verdict.holds);
const unsettled = () =>
  stage.rows("SELECT order_id, state FROM orders WHERE state IN ('SENDING', 'UNKNOWN') ORDER BY order_id");
/** Has an order on the wire while Postgres goes away, and its answer come before Postgres is back. */
const loseThePlaceToBook = async (delayed: { method: string; path: string }): Promise<void> => {
  await stage.simulator.control.addFault({ kind: 'delay_reply', ...delayed, times: 1, delayMs: 1_200 });
  const { orders } = await stage.simulator.control.state();
  await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
  await eventually(async () => expect((await stage.simulator.control.state()).orders).toBeGreaterThan(orders));
  await postgres.goAway();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await postgres.comeBack();
};

describe('Postgres goes away while an order is on the wire and comes back', () => {
  it('the order is found, booked once and protected', async () => {
    await loseThePlaceToBook({ method: 'POST', path: '/fapi/v1/order' });
    await eventually(
      async () =>
        expect(await stage.rows("SELECT leg, state FROM orders WHERE leg IN ('entry', 'stop') ORDER BY leg")).toEqual([
          { leg: 'entry', state: 'FILLED' },
          { leg: 'stop', state: 'ACCEPTED' },
        ]),
      PATIENCE,
    );
    expect(await stage.rows('SELECT count(*)::int AS entries FROM fills')).toEqual(
      await stage.rows('SELECT count(DISTINCT venue_fill_id)::int AS entries FROM fills'),
    );
    await stage.advance(2);
    await stage.say({ symbol: 'ETHUSDT', direction: 'short', horizonCandles: 2 });
    await stage.settled();
    await stage.advance(4);
    expect(await stage.rows("SELECT 1 FROM orders WHERE leg = 'entry' AND symbol = 'ETHUSDT'")).toHaveLength(1);
    expect(await unsettled()).toEqual([]);
    expect(await broken()).toEqual([]);
  }, 90_000);

  it('a refusal that could not be booked does not block its symbol for ever', async () => {
    venue.hold({
      method: 'POST',
      path: '/fapi/v1/order',
      status: 400,
      body: '{"code":-2019,"msg":"Margin is insufficient."}',
    });
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await eventually(() => expect(venue.refused).toBe(1));
    await postgres.goAway();
    venue.letGo();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await postgres.comeBack();
    await eventually(async () => expect(await unsettled()).toMatchObject([{ state: 'UNKNOWN' }]), PATIENCE);
    await stage.advance(4);
    expect(await unsettled()).toEqual([]);
    await stage.say({ symbol: 'BTCUSDT', direction: 'long' });
    await stage.settled();
    expect(await stage.rows("SELECT 1 FROM positions WHERE status = 'open'")).toHaveLength(1);
    expect(await broken()).toEqual([]);
  }, 90_000);
});
