import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CandleRepository,
  createDatabase,
  type Database,
  migrate,
  type RegimeDetail,
  RegimeHistoryRepository,
  type RegimePattern,
  RegimePatternRepository,
  type RegimeRecord,
  RegimeReportRepository,
  RegimeTaskRepository,
  RegimeWalkRepository,
} from '@qt/database';
import { aDatabase, type RunningStore } from '@qt/testing';

const MINUTE_MS = 60_000;
const MARKET = { symbol: 'BTCUSDT', interval: '1m' } as const;
const ALL = { ...MARKET, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

let postgres: RunningStore;
let database: Database;
let history: RegimeHistoryRepository;

const thirds = Array.from({ length: 30 }, (_, index) => (index + 1) / 465 + Number.EPSILON);
const aDetail = (change: Partial<RegimeDetail> = {}): RegimeDetail => ({
  cells: thirds,
  agreementRatio: 0.1 + 0.2,
  changeWithin10Probability: 1 / 3,
  changeWithin30Probability: 5e-324,
  conformalSet: [7, 17, 0],
  decision: { kind: 'confirmed', candidateId: 7, reasons: ['probability 0.91 is above 0.7', 'a "quoted" word'] },
  stabilityRatio: 0.8,
  stabilityBand: 'very_stable',
  ...change,
});

/** Classifies minutes 0, 1, … with the given regimes. */
const records = (ids: readonly number[], detail: RegimeDetail | null = aDetail()): readonly RegimeRecord[] => {
  let dwellCandles = 0;
  return ids.map((id, index) => {
    const before = ids[index - 1];
    dwellCandles = before === id ? dwellCandles + 1 : 1;
    return {
      ...MARKET,
      openTimeMs: index * MINUTE_MS,
      state: 'ready',
      regime: {
        id,
        name: 'Balanced market',
        volatility: 'medium',
        trend: 'neutral',
        structure: 'trending',
        probability: 0.5,
      },
      previousRegimeId: before === undefined || before === id ? null : before,
      dwellCandles,
      probabilities: Array.from({ length: 18 }, () => 1 / 18),
      detail,
    };
  });
};

const add = async (added: readonly RegimeRecord[]): Promise<void> => {
  await database.transaction(async (tx) => {
    await new CandleRepository(database).add(
      tx,
      added.map(({ openTimeMs }) => ({
        ...MARKET,
        openTimeMs,
        open: '100',
        high: '102',
        low: '99',
        close: `${100 + openTimeMs / MINUTE_MS}.5`,
        volume: '1',
        origin: 'stream' as const,
        isPublished: true,
      })),
    );
    await history.add(tx, added);
  });
};

beforeAll(async () => {
  postgres = await aDatabase();
  database = createDatabase({ url: postgres.url, applicationName: 'test', maxConnections: 2 });
  history = new RegimeHistoryRepository(database);
}, 60_000);
afterAll(async () => {
  await database.stop();
  await postgres.stop();
});
beforeEach(async () => {
  await database.query('TRUNCATE candles, regime_history, regime_transitions, regime_patterns, regime_tasks');
});

describe('the history of regimes', () => {
  it('gives back what the engine told, bit for bit, and null where it told less', async () => {
    const [first, second] = [records([3, 3]), records([3, 3], null)];
    await add([first[0]!, second[1]!]);
    expect(await history.listLast({ ...MARKET, limit: 5 })).toEqual([first[0], second[1]]);
    const { detail: _, ...bare } = records([3, 3, 3])[2]!;
    await add([bare]);
    expect((await history.listLast({ ...MARKET, limit: 1 }))[0]).toEqual({ ...bare, detail: null });
  });

  it('is read by range, in pages, with the end exclusive', async () => {
    const all = records([1, 1, 2, 2, 3]);
    await add(all);
    const range = { ...MARKET, fromMs: MINUTE_MS, toMs: 4 * MINUTE_MS };
    expect(await history.listRange({ ...range, limit: 10 })).toEqual(all.slice(1, 4));
    expect(await history.listRange({ ...range, limit: 2 })).toEqual(all.slice(1, 3));
    expect(await history.listRange({ ...range, symbol: 'ETHUSDT', limit: 10 })).toEqual([]);
  });

  it('records each change once, with how long the regime lasted that was left', async () => {
    const all = records([5, 5, 5, 8, 8, 5, 11]);
    await add(all.slice(0, 2));
    // The candle before the change is of another batch here, and of the same one below.
    await add(all.slice(2, 4));
    await add(all.slice(4));
    await add(all);
    const changes = await history.listTransitions({ ...ALL, limit: 10 });
    expect(
      changes.map(({ openTimeMs, fromRegimeId, toRegimeId, leftDwellCandles }) => [
        openTimeMs / MINUTE_MS,
        fromRegimeId,
        toRegimeId,
        leftDwellCandles,
      ]),
    ).toEqual([
      [3, 5, 8, 3],
      [5, 8, 5, 2],
      [6, 5, 11, 1],
    ]);
    expect(changes[0]).toMatchObject({
      ...MARKET,
      probability: 0.5,
      agreementRatio: 0.1 + 0.2,
      reasons: aDetail().decision.reasons,
    });
    expect((await history.listTransitions({ ...ALL, limit: 1 })).map(({ openTimeMs }) => openTimeMs)).toEqual([
      6 * MINUTE_MS,
    ]);
    expect(await history.listTransitions({ ...ALL, toMs: 3 * MINUTE_MS, limit: 9 })).toEqual([]);
  });

  it('keeps a state of 150 kB bit for bit', async () => {
    const state = { version: 2, values: Array.from({ length: 7_000 }, (_, index) => Math.sin(index) / 3) };
    expect(JSON.stringify(state).length).toBeGreaterThan(130_000);
    await database.transaction((tx) => history.saveSnapshots(tx, [{ ...MARKET, openTimeMs: 5, state }]));
    expect((await history.findSnapshot('BTCUSDT', '1m'))?.state).toEqual(state);
  });

  it('is walked through page by page, ready candles only', async () => {
    const all = records([1, 1, 2, 2, 3, 3, 3]);
    await add([{ ...all[0]!, state: 'warming' }, ...all.slice(1)]);
    const pages: number[][] = [];
    for await (const page of new RegimeWalkRepository(database).pages(ALL, 2))
      pages.push(page.map(({ openTimeMs }) => openTimeMs / MINUTE_MS));
    expect(pages).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const walked = [];
    for await (const page of new RegimeWalkRepository(database).pages({ ...ALL, fromMs: 2 * MINUTE_MS }))
      walked.push(...page);
    expect(walked[0]).toEqual({ openTimeMs: 2 * MINUTE_MS, regimeId: 2, close: 102.5 });
    expect(walked).toHaveLength(5);
  });
});

describe('sums for reports', () => {
  it('tell each day, the shares of regimes, the changes and those that were undone', async () => {
    const ids = [1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 1];
    await add(records(ids, aDetail({ agreementRatio: 0.5, changeWithin10Probability: 0.25 })));
    const reports = new RegimeReportRepository(database);
    expect(await reports.listMarkets({ fromMs: 0, toMs: 1e15 })).toEqual([{ ...MARKET, candles: 20 }]);
    const [day, ...others] = await reports.listDays(ALL);
    expect(others).toEqual([]);
    expect(day).toMatchObject({ day: '1970-01-01', candles: 20, readyRatio: 1, changes: 4, meanAgreementRatio: 0.5 });
    // Ten candles have ten after them; all but the sixth and the seventh see a change there.
    expect(day).toMatchObject({ meanChangeWithin10Probability: 0.25, changedWithin10Ratio: 0.8 });
    expect((await reports.listShares(ALL)).map(({ regimeId, ratio }) => [regimeId, ratio])).toEqual([
      [1, 0.8],
      [2, 0.1],
      [4, 0.1],
    ]);
    expect(await reports.listTransitionCounts(ALL)).toEqual([
      { fromRegimeId: 1, toRegimeId: 2, count: 1, meanLeftDwellCandles: 3 },
      { fromRegimeId: 1, toRegimeId: 4, count: 1, meanLeftDwellCandles: 12 },
      { fromRegimeId: 2, toRegimeId: 1, count: 1, meanLeftDwellCandles: 2 },
      { fromRegimeId: 4, toRegimeId: 1, count: 1, meanLeftDwellCandles: 2 },
    ]);
    expect(await reports.countUndone(ALL)).toBe(2);
  });
});

describe('patterns', () => {
  const aPattern = (change: Partial<RegimePattern>): RegimePattern => ({
    ...MARKET,
    kind: 'durations',
    analyzedAtMs: 1_000,
    fromMs: 0,
    toMs: 900,
    candles: 16,
    pattern: { mean: 0.1 + 0.2 },
    ...change,
  });

  it('are kept per look; the same look done again replaces its own', async () => {
    const patterns = new RegimePatternRepository(database);
    await patterns.save([aPattern({}), aPattern({ kind: 'sequences' }), aPattern({ symbol: 'ETHUSDT' })]);
    await patterns.save([aPattern({ analyzedAtMs: 2_000 })]);
    await patterns.save([aPattern({ analyzedAtMs: 2_000, pattern: { mean: 2 } })]);
    expect(await patterns.listNewest(MARKET)).toEqual([
      aPattern({ analyzedAtMs: 2_000, pattern: { mean: 2 } }),
      aPattern({ kind: 'sequences' }),
    ]);
    expect((await database.query('SELECT 1 FROM regime_patterns')).rowCount).toBe(4);
  });
});

describe('tasks', () => {
  it('are recorded at their end, once each, and forgotten when old', async () => {
    const tasks = new RegimeTaskRepository(database);
    const task = {
      taskId: 'analyze_history/1',
      kind: 'analyze_history',
      reason: 'daily',
      requestedAtMs: 1,
      startedAtMs: 2,
      finishedAtMs: 3,
      outcome: 'dead',
      attempts: 3,
      detail: { error: 'away' },
    } as const;
    await tasks.record(task);
    const revived = { ...task, startedAtMs: 8, finishedAtMs: 9, outcome: 'done', attempts: 4, detail: {} } as const;
    await tasks.record(revived);
    await tasks.record({ ...task, taskId: 'older', finishedAtMs: 2 });
    expect(await tasks.listEnded({ sinceMs: 3, limit: 5 })).toEqual([revived]);
    expect(await tasks.forget(3)).toBe(1);
    expect(await tasks.listEnded({ sinceMs: 0, limit: 5 })).toEqual([revived]);
  });
});

describe('the migration', () => {
  it('finds the changes that an older version recorded, and can be taken back without losing history', async () => {
    const own = await aDatabase();
    const db = createDatabase({ url: own.url, applicationName: 'test', maxConnections: 1 });
    await migrate({ url: own.url, direction: 'down' });
    await db.query(
      `INSERT INTO candles SELECT 'BTCUSDT', '1m', n * 60000, 1, 1, 1, 1, 0, 'stream', true FROM generate_series(0, 3) n`,
    );
    await db.query(
      `INSERT INTO regime_history
       SELECT 'BTCUSDT', '1m', n * 60000, 'ready', 3, 'x', 'low', 'up', 'trending', 0.9, CASE n WHEN 2 THEN 5 END, n % 2 + 1,
         array_fill(0.1::float8, ARRAY[18]) FROM generate_series(0, 3) n`,
    );
    await migrate({ url: own.url });
    const before = new RegimeHistoryRepository(db);
    expect(await before.listTransitions({ ...ALL, limit: 5 })).toMatchObject([
      { openTimeMs: 2 * MINUTE_MS, fromRegimeId: 5, toRegimeId: 3, leftDwellCandles: 2, reasons: null },
    ]);
    expect((await before.listLast({ ...MARKET, limit: 9 })).map(({ detail }) => detail)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    await migrate({ url: own.url, direction: 'down' });
    expect((await db.query('SELECT 1 FROM regime_history')).rowCount).toBe(4);
    await db.stop();
    await own.stop();
  });
});
