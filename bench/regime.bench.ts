import { RegimeEngine } from '@qt/regime';
import { syntheticMarket } from '../packages/regime/test/synthetic-market.ts';

const CANDLES = 200_000;
const market = syntheticMarket({ seed: 7, candles: 20_000, durationCandles: 300 });
const engine = new RegimeEngine({ intervalMs: 60_000 });
const elapsedNs = new Float64Array(CANDLES);
const heapBefore = process.memoryUsage().heapUsed;

for (let index = 0; index < CANDLES; index += 1) {
  // The same 20,000 candles over and over, at ever later times.
  const source = market[index % market.length];
  if (source === undefined) throw new Error('the market has no candles');
  const candle = { ...source.candle, openTimeMs: index * 60_000 };
  const startedAt = process.hrtime.bigint();
  engine.update(candle);
  elapsedNs[index] = Number(process.hrtime.bigint() - startedAt);
}

const sorted = elapsedNs.slice(1_000).sort();
const microsecondsAt = (share: number): number =>
  Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 10) / 100;
const grownMegabytes = Math.round((process.memoryUsage().heapUsed - heapBefore) / 1e5) / 10;
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
  { metric: 'update max', value: microsecondsAt(1), unit: 'µs', note: `of ${CANDLES} candles` },
  { metric: 'heap growth', value: grownMegabytes, unit: 'MB', note: 'garbage not yet collected included' },
  { metric: 'saved state', value: JSON.stringify(engine.save()).length, unit: 'bytes' },
];
process.stdout.write(`${JSON.stringify({ name: 'regime', results })}\n`);
