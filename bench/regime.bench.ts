import { REGIME_COUNT, RegimeEngine, SLOT_COUNT } from '@qt/regime';
import { syntheticMarket } from '../packages/regime/test/synthetic-market.ts';

// REGIME_BENCH_CANDLES=1000000 for the long run that shows memory staying flat.
const CANDLES = Number(process.env.REGIME_BENCH_CANDLES ?? 100_000);
const WARM_CANDLES = 2_000;
const SYMBOLS = 500;
const SYMBOL_WARM_CANDLES = 150;
const INTERVAL_MS = 60_000;
const market = syntheticMarket({ seed: 7, candles: 20_000, durationCandles: 300 }).map(({ candle }) => candle);

/** The same 20,000 candles over and over, at ever later times. */
const candleAt = (index: number) => {
  const candle = market[index % market.length];
  if (candle === undefined) throw new Error('the market has no candles');
  return { ...candle, openTimeMs: index * INTERVAL_MS };
};

/** A forward filter over 18 Gaussian states with a full transition matrix: the least that a hidden Markov model does per candle. */
class PlainForwardFilter {
  readonly #matrix = Float64Array.from({ length: REGIME_COUNT ** 2 }, (_, cell) =>
    Math.floor(cell / REGIME_COUNT) === cell % REGIME_COUNT ? 0.99 : 0.01 / (REGIME_COUNT - 1),
  );
  readonly #prior = new Float64Array(REGIME_COUNT);
  readonly posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #lastClose = 0;

  update(candle: { readonly close: string }): void {
    const close = Number(candle.close);
    const move = this.#lastClose > 0 ? Math.log(close / this.#lastClose) : 0;
    this.#lastClose = close;
    let total = 0;
    for (let to = 0; to < REGIME_COUNT; to += 1) {
      let prior = 0;
      for (let from = 0; from < REGIME_COUNT; from += 1) {
        prior += (this.posterior[from] ?? 0) * (this.#matrix[from * REGIME_COUNT + to] ?? 0);
      }
      const scale = 0.005 * 2 ** Math.floor(to / SLOT_COUNT);
      const standardized = move / scale - 0.3 * ((to % SLOT_COUNT) - 2);
      this.#prior[to] = (prior * Math.exp(-0.5 * standardized * standardized)) / scale + 1e-300;
      total += this.#prior[to] ?? 0;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) this.posterior[id] = (this.#prior[id] ?? 0) / total;
  }
}

interface Updating {
  update(candle: ReturnType<typeof candleAt>): unknown;
}

/** Returns how long each candle after the warm ones took, sorted, in nanoseconds. */
const timesOf = (subject: Updating, candles: number): Float64Array => {
  const elapsedNs = new Float64Array(candles - WARM_CANDLES);
  for (let index = 0; index < candles; index += 1) {
    const candle = candleAt(index);
    const startedAt = process.hrtime.bigint();
    subject.update(candle);
    if (index >= WARM_CANDLES) elapsedNs[index - WARM_CANDLES] = Number(process.hrtime.bigint() - startedAt);
  }
  return elapsedNs.sort();
};
const microsecondsAt = (sorted: Float64Array, share: number): number =>
  Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 10) / 100;
const heapMegabytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};
const rounded = (value: number): number => Math.round(10 * value) / 10;

const plain = timesOf(new PlainForwardFilter(), 50_000);
const engine = new RegimeEngine({ intervalMs: INTERVAL_MS });
const heapBefore = heapMegabytes();
const full = timesOf(engine, CANDLES);
const grownMegabytes = rounded(heapMegabytes() - heapBefore);

const engines = Array.from({ length: SYMBOLS }, () => new RegimeEngine({ intervalMs: INTERVAL_MS }));
const symbolsBefore = heapMegabytes();
for (let index = 0; index < SYMBOL_WARM_CANDLES; index += 1) {
  for (const one of engines) one.update(candleAt(index));
}
const symbolMegabytes = rounded(heapMegabytes() - symbolsBefore);
const burstsMs = Array.from({ length: 5 }, (_, burst) => {
  const startedAt = process.hrtime.bigint();
  for (const one of engines) one.update(candleAt(SYMBOL_WARM_CANDLES + burst));
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
});
const worstBurstMs = rounded(Math.max(...burstsMs));

const p50 = microsecondsAt(full, 0.5);
const p99 = microsecondsAt(full, 0.99);
const plainP50 = microsecondsAt(plain, 0.5);
const results = [
  { metric: 'update p50', value: p50, unit: 'µs', aim: '< 100 µs', meetsAim: p50 < 100 },
  { metric: 'update p99', value: p99, unit: 'µs', aim: '< 500 µs', meetsAim: p99 < 500 },
  { metric: 'update max', value: microsecondsAt(full, 1), unit: 'µs', note: `of ${CANDLES} candles` },
  { metric: 'plain 18-state forward filter p50', value: plainP50, unit: 'µs', note: 'same run' },
  { metric: 'engine over plain filter', value: rounded(p50 / plainP50), unit: 'times' },
  {
    metric: 'heap growth',
    value: grownMegabytes,
    unit: 'MB',
    note: globalThis.gc === undefined ? 'garbage not yet collected included' : 'after collection',
  },
  { metric: 'saved state', value: JSON.stringify(engine.save()).length, unit: 'bytes', aim: '< 150000 bytes' },
  {
    metric: `a minute's close of ${SYMBOLS} symbols`,
    value: worstBurstMs,
    unit: 'ms',
    aim: '< 1000 ms',
    meetsAim: worstBurstMs < 1000,
    note: 'worst of 5, one core',
  },
  { metric: `heap of ${SYMBOLS} engines in use`, value: symbolMegabytes, unit: 'MB' },
];
process.stdout.write(`${JSON.stringify({ name: 'regime', results })}\n`);
