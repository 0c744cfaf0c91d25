import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import { aRefusingVenue } from '../support/a-refusing-venue.ts';
import { aStage, type Stage } from '../support/a-stage.ts';

const UNAVAILABLE = { status: 503, body: '{"code":-1001,"msg":"Internal error; unable to process your request."}' };

let stage: Stage;
let venue: Awaited<ReturnType<typeof aRefusingVenue>>;
beforeEach(async () => {
  stage = await aStage();
  venue = await aRefusingVenue(stage.simulator.restUrl);
  await stage.startExec({ VENUE_REST_URL: venue.url });
  await stage.advance(2);
}, 60_000);
afterEach(async () => {
  await stage.close();
  venue.close();
}, 30_000);

const broken = async () => (await stage.invariants()).filter((verdict) => !verdict.holds);
const stops = () =>
  stage.rows("SELECT decision_id, state FROM orders WHERE leg = 'stop' AND symbol = 'BTCUSDT' ORDER BY created_at_ms");

describe('a position always has a stop of its own', () => {
  it('a venue that takes no exits for a while costs the exit, not the stop', async () => {
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    venue.refuse({ method: 'POST', path: '/fapi/v1/order', query: 'reduceOnly=true', ...UNAVAILABLE });
    await stage.say({ symbol: 'BTCUSDT', direction: 'short' });
    await stage.settled();
    expect(venue.refused).toBe(1);
    expect(await stops()).toMatchObject([{ state: 'ACCEPTED' }]);
    venue.refuse();
    await stage.advance(2);
    await stage.say({ symbol: 'BTCUSDT', direction: 'short' });
    await stage.settled();
    expect(await stage.rows("SELECT exit_reason FROM positions WHERE status = 'closed'")).toEqual([
      { exit_reason: 'signal' },
    ]);
    expect(await broken()).toEqual([]);
  }, 60_000);

  it('a venue that takes no stops gets no new positions for a while, and then another chance', async () => {
    const signal = async (symbol: string) => {
      await stage.say({ symbol, direction: 'long', horizonCandles: 50 });
      await stage.settled();
      const newest =
        'SELECT outcome, code FROM risk_decisions WHERE signal_id IS NOT NULL ORDER BY decided_at_ms DESC, decision_id LIMIT 1';
      return (await stage.rows(newest))[0];
    };
    venue.refuse({ method: 'POST', path: '/fapi/v1/algoOrder', ...UNAVAILABLE });
    expect(await signal('BTCUSDT')).toMatchObject({ outcome: 'approved' });
    expect(await stage.rows('SELECT exit_reason FROM positions')).toEqual([{ exit_reason: 'protection_lost' }]);
    venue.refuse();
    await stage.advance();
    expect(await signal('ETHUSDT')).toEqual({ outcome: 'denied', code: 'PROTECTION_UNAVAILABLE' });
    await stage.advance(5);
    expect(await signal('ETHUSDT')).toMatchObject({ outcome: 'approved' });
    await stage.advance();
    expect(await signal('BTCUSDT')).toMatchObject({ outcome: 'approved' });
    expect(await broken()).toEqual([]);
  }, 60_000);

  it('an entry whose fills nobody shows yet is not repeated, and is protected as soon as they can be had', async () => {
    await stage.simulator.control.addFault({
      kind: 'user_event_delay',
      path: 'ORDER_TRADE_UPDATE',
      times: 20,
      delayMs: 900_000,
    });
    venue.refuse({ method: 'GET', path: '/fapi/v1/userTrades', status: 200, body: '[]' });
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    expect(await stage.rows('SELECT code FROM risk_decisions WHERE code IS NOT NULL')).toEqual([
      { code: 'ORDER_OUTCOME_UNKNOWN' },
    ]);
    venue.refuse();
    await stage.advance();
    expect(await stops()).toMatchObject([{ state: 'ACCEPTED' }]);
    expect((await broken()).filter(({ id }) => id !== 'I8')).toEqual([]);
  }, 60_000);

  it('keeps leaving what must be left while the books cannot be compared', async () => {
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 2 });
    await stage.settled();
    venue.refuse({ method: 'GET', path: '/fapi/v1/income', ...UNAVAILABLE });
    await stage.simulator.control.addFault({ kind: 'reset', path: '/private', times: 1 });
    await eventually(() => expect(venue.refused).toBeGreaterThan(0), { timeoutMs: 20_000 });
    await stage.advance(3);
    await eventually(
      async () =>
        expect(await stage.rows('SELECT status, exit_reason FROM positions')).toEqual([
          { status: 'closed', exit_reason: 'horizon' },
        ]),
      { timeoutMs: 20_000 },
    );
    venue.refuse();
    await eventually(async () => expect((await stage.get('/health'))['status']).toBe('healthy'), { timeoutMs: 20_000 });
    expect(await broken()).toEqual([]);
  }, 90_000);

  it('an order proven absent whose fills show up after all is booked as ours, and its position left', async () => {
    await stage.simulator.control.addFault({ kind: 'drop_reply', method: 'POST', path: '/fapi/v1/order', times: 1 });
    await stage.simulator.control.addFault({
      kind: 'user_event_delay',
      path: 'ORDER_TRADE_UPDATE',
      times: 20,
      delayMs: 3_600_000,
    });
    venue.refuse(
      { method: 'GET', path: '/fapi/v1/order', status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' },
      { method: 'GET', path: '/fapi/v1/userTrades', status: 200, body: '[]' },
    );
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    await stage.advance(6);
    expect(await stage.rows("SELECT state FROM orders WHERE leg = 'entry'")).toEqual([{ state: 'ABSENT' }]);
    venue.refuse();
    await stage.simulator.control.addFault({ kind: 'reset', path: '/private', times: 1 });
    await eventually(
      async () =>
        expect(await stage.rows("SELECT leg, state FROM orders WHERE leg <> 'target' ORDER BY leg")).toEqual([
          { leg: 'entry', state: 'FILLED' },
          { leg: 'exit', state: 'FILLED' },
        ]),
      { timeoutMs: 20_000 },
    );
    expect((await broken()).filter(({ id }) => id !== 'I8')).toEqual([]);
  }, 90_000);

  it('a stop that outlived its position in our book does not count for the next one', async () => {
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    // Nothing tells us that the venue has ended stop and target together with the position.
    await stage.simulator.control.addFault({
      kind: 'user_event_delay',
      path: 'ALGO_UPDATE',
      times: 4,
      delayMs: 900_000,
    });
    venue.refuse(
      { method: 'DELETE', path: '/fapi/v1/algoOrder', ...UNAVAILABLE },
      { method: 'GET', path: '/fapi/v1/algoOrder', ...UNAVAILABLE },
    );
    await stage.say({ symbol: 'BTCUSDT', direction: 'short' });
    await stage.settled();
    expect(await stops()).toMatchObject([{ state: 'ACCEPTED' }]);
    venue.refuse();
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    const [position] = await stage.rows("SELECT decision_id FROM positions WHERE status = 'open'");
    expect(position).toBeDefined();
    expect((await stops()).at(-1)).toEqual({ decision_id: position?.['decision_id'], state: 'ACCEPTED' });
    expect(await broken()).toEqual([]);
  }, 60_000);
});
