import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { closedAtMs, type RegimeClassified, SignalGenerated } from '@qt/contracts';
import { CandleRepository, RegimeHistoryRepository, SignalRepository } from '@qt/database';
import { AppError } from '@qt/kernel';
import { builtInModels, SignalEngine } from '@qt/signals';
import { eventually, startService } from '@qt/testing';
import request from 'supertest';
import { aStage, applied, rowsOf, type Stage } from '../support/a-stage.ts';
import { classifiedHours } from '../support/real-market.ts';

const CANDLES = 420;
const markets = ['BTCUSDT_um_1h_20230101-20240630', 'ETHUSDT_um_1h_20230101-20240630'].map((name) =>
  classifiedHours(name, CANDLES),
);
/** Both markets, candle by candle, as the regime service says them. */
const street = Array.from({ length: CANDLES }, (_, index) => markets.map((market) => market[index]!)).flat();

const expectedSignals = (market: readonly RegimeClassified[]): SignalGenerated[] => {
  const { symbol, interval } = market[0]!.candle;
  const engine = new SignalEngine({
    symbol,
    interval,
    registry: builtInModels,
    horizonCandles: 12,
    minConfidenceRatio: 0.52,
  });
  return market.flatMap((candle) => {
    const decision = engine.update(candle);
    return decision.kind === 'signal' ? [decision.signal] : [];
  });
};
const expected = markets
  .flatMap(expectedSignals)
  .toSorted((left, right) => left.candleClosedAtMs - right.candleClosedAtMs || (left.symbol < right.symbol ? -1 : 1));

/** What an undisturbed service writes for the whole street; every disturbed one must write the same. */
let undisturbed: Awaited<ReturnType<typeof rowsOf>>;
let stage: Stage;

beforeAll(async () => {
  const quiet = await aStage();
  const ai = await quiet.startAi();
  await applied(ai.bus, await quiet.say(street));
  undisturbed = await rowsOf(quiet.database);
  await quiet.close();
}, 60_000);

describe('ai-service', () => {
  beforeEach(async () => {
    stage = await aStage();
  }, 30_000);
  afterEach(async () => {
    await stage.close();
  }, 30_000);

  it('says, in order, exactly the signals of the pure engine, each recorded before it leaves', () => {
    expect(expected.length).toBeGreaterThan(40);
    expect(undisturbed.said.map(({ payload }) => SignalGenerated.payload.parse(payload))).toEqual(expected);
    expect(undisturbed.signals.map((row) => row['signal_id'])).toEqual(
      expected
        .toSorted((left, right) => (left.symbol < right.symbol ? -1 : left.symbol > right.symbol ? 1 : 0))
        .map(({ signalId }) => signalId),
    );
    expect(undisturbed.said[0]).toMatchObject({ producer_seq: '1', key: expected[0]!.symbol });
    expect(undisturbed.said[0]!['correlation_id']).toBe(
      `${expected[0]!.symbol}-${expected[0]!.candleClosedAtMs - 3_600_000}`,
    );
  });

  it('records what became of every candle and every model, and settles it a horizon later', () => {
    expect(undisturbed.decisions).toHaveLength(2 * CANDLES);
    expect(new Set(undisturbed.decisions.map(({ kind }) => kind))).toEqual(new Set(['signal', 'hold', 'warming']));
    expect(undisturbed.predictions).toHaveLength(2 * 2 * (CANDLES - 48));
    expect(undisturbed.outcomes).toHaveLength(2 * (CANDLES - 48 - 12));
    const settled = undisturbed.outcomes[100]!;
    const market = markets.find(([first]) => first!.candle.symbol === settled['symbol'])!;
    const at = market.findIndex(({ candle }) => closedAtMs(candle) === Number(settled['candle_closed_at_ms']));
    const change = Number(market[at + 12]!.candle.close) / Number(market[at]!.candle.close) - 1;
    expect(settled['return_ratio']).toBe(change);
  });

  it('killed and started again, at any candle, it writes what it would have written', async () => {
    const env = {
      DATABASE_URL: stage.databaseUrl,
      REDIS_URL: stage.redisUrl,
      LOG_LEVEL: 'error',
      CLOCK: 'market',
      SNAPSHOT_EVERY_CANDLES: '37',
    };
    let service = await startService('ai-service', env);
    const decided = async (): Promise<number> =>
      Number((await stage.database.query<{ n: string }>('SELECT count(*) AS n FROM signal_decisions')).rows[0]!.n);
    const cuts = [101, 320, 555];
    let from = 0;
    for (const cut of cuts) {
      await stage.say(street.slice(from, cut));
      from = cut;
      const before = await decided();
      await eventually(async () => expect(await decided()).toBeGreaterThan(before + 20));
      await service.kill(); // somewhere inside the burst
      service = await startService('ai-service', env);
    }
    const last = await stage.say(street.slice(from));
    const answer = await fetch(
      `${service.url}/idle?source=regime-service&published=regime.classified:${last}&timeoutMs=20000`,
    );
    expect(answer.status).toBe(200);
    expect(await rowsOf(stage.database)).toEqual(undisturbed);
    await service.stop();
  }, 60_000);

  it('when a transaction fails half way, the candle is taken again and nothing differs', async () => {
    const signals = new SignalRepository();
    let calls = 0;
    const failing = Object.assign(Object.create(signals) as SignalRepository, {
      recordCandle: async (...given: Parameters<SignalRepository['recordCandle']>) => {
        calls += 1;
        if (calls % 150 === 0) throw new AppError('POSTGRES_UNREACHABLE', 'gone for a moment', { retryable: true });
        await signals.recordCandle(...given);
      },
    });
    const ai = await stage.startAi({ signals: failing });
    await applied(ai.bus, await stage.say(street));
    expect(calls).toBeGreaterThan(street.length);
    expect(await rowsOf(stage.database)).toEqual(undisturbed);
  }, 60_000);

  it('said twice and out of order, candles count once', async () => {
    const ai = await stage.startAi();
    const mixed = street.flatMap((event, index) => (index > 6 ? [event, street[index - 6]!, event] : [event]));
    await applied(ai.bus, await stage.say(mixed));
    expect(await rowsOf(stage.database)).toEqual({
      ...undisturbed,
      said: undisturbed.said.map((row) => expect.objectContaining({ payload: row['payload'] })),
    });
  }, 60_000);

  it('begins with the history that was never said as an event', async () => {
    const [market] = markets;
    const history = market!.slice(0, 210);
    const stored = market!.slice(0, -1);
    await stage.database.transaction(async (tx) => {
      await new CandleRepository(stage.database).add(
        tx,
        stored.map(({ candle }, at) => ({ ...candle, origin: 'gap_fill' as const, isPublished: at >= history.length })),
      );
      await new RegimeHistoryRepository(stage.database).add(
        tx,
        stored.map(({ candle, state, regime, dwellCandles, probabilities }) => ({
          symbol: candle.symbol,
          interval: candle.interval,
          openTimeMs: candle.openTimeMs,
          state,
          regime,
          previousRegimeId: null,
          dwellCandles,
          probabilities,
        })),
      );
    });
    const ai = await stage.startAi();
    await applied(ai.bus, await stage.say(market!.slice(210, -1)));
    const { said, decisions } = await rowsOf(stage.database);
    const news = expectedSignals(stored).filter(
      ({ candleClosedAtMs }) => candleClosedAtMs > closedAtMs(history.at(-1)!.candle),
    );
    expect(news.length).toBeGreaterThan(5);
    expect(said.map(({ payload }) => payload)).toEqual(news);
    expect(decisions).toHaveLength(CANDLES - 210 - 1);

    // Another horizon is another engine: it catches up with the whole history and goes on with the next candle.
    await ai.stop();
    const other = await stage.startAi({ horizonCandles: 6 });
    await applied(other.bus, await stage.say(market!.slice(-1)));
    const after = await rowsOf(stage.database);
    expect(after.decisions.at(-1)).toMatchObject({ kind: expect.not.stringContaining('warming'), is_after_gap: false });
    expect(after.decisions).toHaveLength(CANDLES - 210);
  }, 60_000);

  it('tells on its pages what it did', async () => {
    const ai = await stage.startAi();
    await applied(ai.bus, await stage.say(street));
    const health = await request(ai.http).get('/health').expect(200);
    expect(health.body).toMatchObject({
      status: 'healthy',
      service: 'ai-service',
      models_loaded: 2,
      models: [
        { id: 'momentum@1', state: 'active' },
        { id: 'mean-reversion@1', state: 'active' },
      ],
      signals_generated: expected.length,
      predictions_made: undisturbed.predictions.length,
      last_candle_closed_at_ms: closedAtMs(street.at(-1)!.candle),
      last_candle_age_seconds: 0,
    });
    const latest = await request(ai.http).get('/api/v1/signals/latest?symbol=ETHUSDT&limit=3').expect(200);
    const ofEth = expected.filter(({ symbol }) => symbol === 'ETHUSDT').toReversed();
    expect(latest.body).toEqual({ signals: ofEth.slice(0, 3) });
    const refused = await request(ai.http).get('/api/v1/signals/latest?limit=0&symbol=btc').expect(400);
    expect((refused.body as { error: { message: string } }).error.message).toMatch(/symbol.*limit/);
    const models = await request(ai.http).get('/api/v1/models').expect(200);
    expect(models.body).toMatchObject({
      models: [{ id: 'momentum@1', record: { predictions: 2 * (CANDLES - 48) } }, {}],
    });
    const decisions = await request(ai.http).get('/api/v1/signals/decisions').expect(200);
    expect((decisions.body as { candles: Record<string, number> }).candles['signal']).toBe(expected.length);
    const { text } = await request(ai.http).get('/metrics').expect(200);
    for (const name of ['uptime_seconds', 'holds_total', 'predictions_made_total', 'signal_latency_seconds_bucket']) {
      expect(text).toContain(`ai_service_${name}`);
    }
    expect(text).toContain(`ai_service_events_published_total{event_type="signal.generated"} ${expected.length}`);
  }, 60_000);
});

describe('ai-service at start', () => {
  it('names every fault of its configuration and ends', async () => {
    await expect(
      startService('ai-service', { DATABASE_URL: 'mysql://x', REDIS_URL: 'redis://127.0.0.1:1', HORIZON_CANDLES: '0' }),
    ).rejects.toThrow(/ended with code 78[\s\S]*DATABASE_URL[\s\S]*HORIZON_CANDLES/);
  }, 30_000);
});
