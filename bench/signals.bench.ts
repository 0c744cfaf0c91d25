import type { RegimeClassified } from '@qt/contracts';
import { builtInModels, SignalEngine } from '@qt/signals';
import { classify, readCandles } from '../packages/signals/test/real-market.ts';

const HORIZON_CANDLES = 12;
const MONTH = { fromMs: Date.UTC(2023, 7, 1), toMs: Date.UTC(2023, 8, 1) };
const WEEK = { fromMs: Date.UTC(2023, 7, 1), toMs: Date.UTC(2023, 7, 8) };
const MINUTE_FILES = [
  'BTCUSDT_um_1m_20230718-20230817',
  'ETHUSDT_um_1m_20230703-20230817',
  'LTCUSDT_um_1m_20230703-20230817',
];
const HOUR_FILES = [
  'BTCUSDT_um_1h_20230101-20240630',
  'ETHUSDT_um_1h_20230101-20240630',
  'LTCUSDT_um_1h_20200109-20240630',
];
const RUNS = [
  ...HOUR_FILES.map((name) => ({ name, label: '1h, August 2023, from nothing', span: MONTH })),
  ...MINUTE_FILES.map((name) => ({ name, label: '1m, first week of August 2023, from nothing', span: WEEK })),
  ...HOUR_FILES.map((name) => ({ name, label: '1h, whole file from 2023 on', span: { fromMs: Date.UTC(2023, 0, 1) } })),
  ...MINUTE_FILES.map((name) => ({ name, label: '1m, whole file', span: {} })),
];

const elapsedNs: number[] = [];

/** Runs one engine over the candles and says how many signals came, how sure they were, and how many came true. */
const judge = (candles: readonly RegimeClassified[]) => {
  const [first] = candles;
  if (first === undefined) throw new Error('the file has no candles in this span');
  const { symbol, interval } = first.candle;
  const engine = new SignalEngine({
    symbol,
    interval,
    registry: builtInModels,
    horizonCandles: HORIZON_CANDLES,
    minConfidenceRatio: 0.52,
  });
  const found = { signals: 0, settled: 0, right: 0, confidence: 0, sure: 0, gain: 0 };
  candles.forEach((candle, index) => {
    const startedAt = process.hrtime.bigint();
    const decision = engine.update(candle);
    elapsedNs.push(Number(process.hrtime.bigint() - startedAt));
    if (decision.kind !== 'signal') return;
    found.signals += 1;
    found.confidence += decision.signal.confidence;
    if (decision.signal.confidence >= 0.55) found.sure += 1;
    const later = candles[index + HORIZON_CANDLES];
    const change = later === undefined ? 0 : Number(later.candle.close) / Number(candle.candle.close) - 1;
    if (change === 0) return;
    found.settled += 1;
    found.gain += decision.signal.direction === 'long' ? change : -change;
    if (change > 0 === (decision.signal.direction === 'long')) found.right += 1;
  });
  return { symbol, stateBytes: JSON.stringify(engine.save()).length, ...found };
};

const ratio = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(3));
let stateBytes = 0;
const counts = RUNS.map(({ name, label, span }) => {
  const candles = classify(readCandles(name, span));
  const run = judge(candles);
  stateBytes = Math.max(stateBytes, run.stateBytes);
  const basisPoints = run.settled === 0 ? '-' : ((run.gain / run.settled) * 10_000).toFixed(1);
  return {
    metric: `signals ${run.symbol} ${label}`,
    value: run.signals,
    unit: `of ${candles.length} candles`,
    note:
      `came true ${ratio(run.right, run.settled)} of ${run.settled}, mean confidence ${ratio(run.confidence, run.signals)}, ` +
      `${run.sure} at 0.55 or more, mean change in their direction ${basisPoints} bps before costs`,
  };
});

const sorted = elapsedNs.slice(1_000).toSorted((left, right) => left - right);
const microsecondsAt = (share: number): number =>
  Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 10) / 100;
const results = [
  {
    metric: 'update p50',
    value: microsecondsAt(0.5),
    unit: 'µs',
    aim: '< 100 µs',
    meetsAim: microsecondsAt(0.5) < 100,
  },
  {
    metric: 'update p99',
    value: microsecondsAt(0.99),
    unit: 'µs',
    aim: '< 500 µs',
    meetsAim: microsecondsAt(0.99) < 500,
  },
  { metric: 'saved state', value: stateBytes, unit: 'bytes', note: 'largest' },
  ...counts,
];
process.stdout.write(`${JSON.stringify({ name: 'signals', results })}\n`);
