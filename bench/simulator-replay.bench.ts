import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { seededRandom } from '@qt/kernel';
import { fixed } from '../services/exchange-simulator/src/domain/fixed.ts';
import { createReplayMarket } from '../services/exchange-simulator/src/domain/replay-market.ts';
import { Venue } from '../services/exchange-simulator/src/domain/venue.ts';
import { readCandleFile } from '../services/exchange-simulator/src/market-files.ts';

// How fast the simulated venue replays a month of 1m candles of 50 symbols, and in how much memory. The limit to compare with is a loop over the
// same candles in flat arrays; for reading, a loop over the bytes of the same files. Rates stand beside the processor time they took, which does
// not depend on what else the machine does.

const SYMBOLS = 50;
const CANDLES = 30 * 1_440;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2024, 0, 1);
const ROUNDS = 5;
const TOTAL = SYMBOLS * CANDLES;
const AIM_CANDLES_PER_SECOND = 500_000;
const AIM_MEMORY_MB = 500;
const ACCOUNT = 'bench';
const SELF = new URL(import.meta.url).pathname;

/** Writes a random walk as CSV. */
const writeMarket = (path: string, seed: number): void => {
  const random = seededRandom(seed);
  const lines = ['open_time_ms,open,high,low,close,volume'];
  let price = 100;
  for (let index = 0; index < CANDLES; index += 1) {
    const open = price;
    price *= 1 + (random() - 0.5) * 0.002;
    const high = Math.max(open, price) * (1 + random() * 0.0006);
    const low = Math.min(open, price) / (1 + random() * 0.0006);
    const row = [open, high, low, price].map((value) => value.toFixed(2));
    lines.push([START_MS + index * MINUTE_MS, ...row, (1_000 + random() * 500).toFixed(1)].join(','));
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
};

const symbolOf = (index: number): string => `BENCH${String(index).padStart(2, '0')}USDT`;
const pathsIn = (folder: string): string[] =>
  Array.from({ length: SYMBOLS }, (_, index) => join(folder, `${symbolOf(index)}_um_1m_bench.csv`));

type Market = ReturnType<typeof createReplayMarket>;

const openVenue = (market: Market): Venue => {
  const venue = new Venue({ seed: 1, market, speed: 'stepped', ledger: () => undefined });
  venue.openAccount({ accountId: ACCOUNT, startBalance: fixed('100000') });
  return venue;
};

/** Steps from candle to candle, as a replay is driven, and returns how many closed. */
const stepThrough = (venue: Venue, atClose: () => void = () => undefined): number => {
  let closed = 0;
  for (let state = venue.state(); !state.isFinished; state = venue.state()) {
    venue.advance(state.nextCloseMs);
    closed += venue.closeCandles().length;
    atClose();
  }
  return closed;
};

interface Rate {
  readonly perSecond: number;
  /** Per second of processor time. */
  readonly perCpuSecond: number;
}

const rateOf = (work: () => number): Rate => {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const count = work();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: count / seconds, perCpuSecond: (count / (user + system)) * 1e6 };
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The limit: what a loop over the same numbers takes. */
const sumArrays = (columns: Float64Array): number => {
  let sum = 0;
  for (let offset = 0; offset < columns.length; offset += 6) {
    sum +=
      (columns[offset + 2] ?? 0) - (columns[offset + 3] ?? 0) + (columns[offset + 4] ?? 0) * (columns[offset + 5] ?? 0);
  }
  if (!Number.isFinite(sum)) throw new Error(`the candles sum to ${sum}`);
  return columns.length / 6;
};

const countBytes = (bytes: Buffer): number => {
  let lines = 0;
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 0x0a) lines += 1;
  return lines - 1;
};

const replayIn = (folder: string): { market: Market; reading: Rate } => {
  let market: Market | null = null;
  const reading = rateOf(() => {
    market = createReplayMarket({ series: pathsIn(folder).map((path) => readCandleFile(path)) });
    return TOTAL;
  });
  if (market === null) throw new Error('nothing was read');
  return { market, reading };
};

/** In a process of its own: reads all files, replays them, asks what a dashboard asks, and says the largest memory it ever held. */
const measureMemory = (folder: string): void => {
  const venue = openVenue(replayIn(folder).market);
  const closed = stepThrough(venue);
  for (const { symbol } of venue.specs()) {
    venue.dayTicker(symbol);
    venue.candles({ symbol, interval: '1h', kind: 'mark', limit: 1_500 });
    venue.tradeHistory(symbol, { limit: 1_000 });
  }
  console.log(JSON.stringify({ closed, maxRssMb: process.resourceUsage().maxRSS / 1_024 }));
};

const run = (folder: string): object[] => {
  for (const [index, path] of pathsIn(folder).entries()) writeMarket(path, index + 1);
  const [firstPath = ''] = pathsIn(folder);
  const bytes = readFileSync(firstPath);
  const { market, reading } = replayIn(folder);
  const columns = new Float64Array(TOTAL * 6);
  const all = market.symbols.map((symbol) => market.series(symbol, START_MS));
  for (let candle = 0; candle < TOTAL; candle += 1) {
    const [series, index] = [all[candle % SYMBOLS], Math.floor(candle / SYMBOLS)];
    if (series === undefined) throw new Error(`no series for candle ${candle}`);
    const row = [
      series.openTimeAt(index),
      series.openAt(index),
      series.highAt(index),
      series.lowAt(index),
      series.closeAt(index),
    ];
    columns.set([...row, Number(series.volumeAt(index))], candle * 6);
  }

  const ways: Readonly<Record<string, () => number>> = {
    limit: () => sumArrays(columns),
    bytes: () => countBytes(bytes),
    stepped: () => stepThrough(openVenue(market)),
    asked: () => {
      const venue = openVenue(market);
      const asked = new Set(market.symbols.slice(0, 5));
      return stepThrough(venue, () => asked.forEach((symbol) => venue.mark(symbol)));
    },
  };
  const rates = new Map<string, Rate[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(ways)) rates.get(name)?.push(rateOf(way));
  }
  const of = (name: string): Rate => ({
    perSecond: median((rates.get(name) ?? []).map(({ perSecond }) => perSecond)),
    perCpuSecond: median((rates.get(name) ?? []).map(({ perCpuSecond }) => perCpuSecond)),
  });

  const held = rateOf(() => {
    const venue = openVenue(market);
    venue.placeOrder(ACCOUNT, { symbol: symbolOf(0), side: 'BUY', type: 'MARKET', quantity: '1' });
    venue.advance(START_MS + 5 * 1_440 * MINUTE_MS);
    return (TOTAL / 30) * 5;
  });
  const heard = rateOf(() => {
    const venue = openVenue(market);
    venue.on('trade', () => undefined);
    venue.advance(START_MS + 1_440 * MINUTE_MS);
    return TOTAL / 30;
  });
  const tickers = openVenue(market);
  tickers.advance(START_MS + 20 * 1_440 * MINUTE_MS);
  const tickerRate = rateOf(() => {
    for (let round = 0; round < 20; round += 1) for (const symbol of market.symbols) tickers.dayTicker(symbol);
    return 20;
  });

  const child = spawnSync(process.execPath, [SELF, 'memory', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { closed, maxRssMb } = JSON.parse(child.stdout) as { closed: number; maxRssMb: number };
  if (closed !== TOTAL) throw new Error(`${closed} candles closed, expected ${TOTAL}`);

  const rate = ({ perSecond, perCpuSecond }: Rate, unit: string) => ({
    value: Math.round(perSecond),
    unit,
    note: `${Math.round(perCpuSecond).toLocaleString('en-US')} a second of processor time`,
  });
  const ratio = (value: number) => ({ value: Number(value.toFixed(4)), unit: 'ratio' });
  const stepped = of('stepped');
  return [
    { metric: 'physical limit: a loop over the same candles in flat arrays', ...rate(of('limit'), 'candles/s') },
    {
      metric: 'replay without clients, candle by candle, every candle handed out',
      ...rate(stepped, 'candles/s'),
      aim: AIM_CANDLES_PER_SECOND,
      meetsAim: stepped.perSecond >= AIM_CANDLES_PER_SECOND,
    },
    { metric: 'replay without clients / physical limit', ...ratio(stepped.perSecond / of('limit').perSecond) },
    { metric: 'the same, marks of 5 symbols asked at each close', ...rate(of('asked'), 'candles/s') },
    { metric: 'replay while an account holds a position', ...rate(held, 'candles/s') },
    { metric: 'replay while somebody hears every trade of all symbols', ...rate(heard, 'candles/s') },
    { metric: 'physical limit of reading: a loop over the bytes of one file', ...rate(of('bytes'), 'candles/s') },
    { metric: 'candle files read and checked', ...rate(reading, 'candles/s') },
    { metric: 'reading / physical limit', ...ratio(reading.perSecond / of('bytes').perSecond) },
    { metric: '24 h tickers of all 50 symbols', ...rate(tickerRate, 'requests/s') },
    {
      metric: 'a month of 50 symbols read, replayed and asked about, largest memory',
      value: Math.round(maxRssMb),
      unit: 'MB',
      aim: AIM_MEMORY_MB,
      meetsAim: maxRssMb < AIM_MEMORY_MB,
    },
  ];
};

const [role, given] = process.argv.slice(2);
if (role === 'memory') measureMemory(given ?? '');
else {
  const folder = mkdtempSync(join(tmpdir(), 'qt-bench-'));
  try {
    const document = { name: 'simulator-replay', results: run(folder) };
    const results = new URL('./results/', import.meta.url);
    mkdirSync(results, { recursive: true });
    writeFileSync(new URL('simulator-replay.json', results), `${JSON.stringify(document, null, 2)}\n`);
    console.log(JSON.stringify(document));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
