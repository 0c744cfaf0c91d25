import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@qt/kernel';
import { SimulatorControl, startSimulator } from '@qt/testing';

// The whole suite on made-up 1m candles: 50 markets whose candles close together, then a long run of 3 markets. The limit to compare
// with is the simulator alone, stepped over the same market by the same driver calls, with nobody listening.

const ROOT = new URL('..', import.meta.url).pathname;
const START_MS = Date.UTC(2024, 0, 1);
const SERVICES = {
  'regime-service': 8080,
  'ai-service': 8001,
  'exec-risk-service': 8002,
  'analytics-os-service': 8003,
};
const folder = mkdtempSync(join(tmpdir(), 'qt-bench-'));

/** A random walk that trends for a while and returns for a while, as CSV. */
const writeMarket = (symbol: string, seed: number, candles: number): string => {
  const random = seededRandom(seed);
  const lines = ['open_time_ms,open,high,low,close,volume'];
  let price = 100;
  let drift = 0;
  for (let index = 0; index < candles; index += 1) {
    if (index % 120 === 0) drift = (random() - 0.5) * 0.0006;
    const open = price;
    price *= 1 + drift + (random() - 0.5) * 0.002;
    const reach = 1 + random() * 0.0006;
    const high = Math.max(open, price) * reach;
    const low = Math.min(open, price) / reach;
    const row = [open, high, low, price].map((value) => value.toFixed(2));
    lines.push([START_MS + index * 60_000, ...row, (1_000 + random() * 500).toFixed(1)].join(','));
  }
  const path = join(folder, `${symbol}_um_1m_bench.csv`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};

interface Run {
  readonly candlesPerSecond: number;
  readonly summary: {
    readonly candles: number;
    readonly orders: number;
    readonly latencyMs: { readonly candleToOrder: { readonly p50: number; readonly p99: number } };
    readonly invariants: readonly { readonly id: string; readonly holds: boolean }[];
  };
  /** Resident megabytes per service, sampled each second: after the first third, and the highest of the last third. */
  readonly memory: Readonly<Record<string, { readonly early: number; readonly late: number }>>;
}

const residentMegabytes = async (port: number): Promise<number | null> => {
  try {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
    const bytes = /^process_resident_memory_bytes (\S+)/m.exec(text)?.[1];
    return bytes === undefined ? null : Number(bytes) / 1e6;
  } catch {
    return null; // not up yet, or gone already
  }
};

const runSuite = async (name: string, files: readonly string[], portOffset: number): Promise<Run> => {
  const summaryPath = join(folder, `${name}.json`);
  const samples = new Map<string, number[]>(Object.keys(SERVICES).map((service) => [service, []]));
  const startedAtMs = performance.now();
  let firstCandleAtMs = 0;
  let hasEnded = false;
  const args = [
    'start',
    '--port-offset',
    String(portOffset),
    '--replay',
    files.join(','),
    '--exit',
    '--summary',
    summaryPath,
  ];
  const child = execFile(process.execPath, [join(ROOT, 'packages/cli/src/main.ts'), ...args], {
    env: { ...process.env, QT_RUNTIME_DIR: join(folder, name) },
    maxBuffer: 64_000_000,
  });
  let output = '';
  child.stdout?.on('data', (text: string) => {
    output += text;
    if (firstCandleAtMs === 0 && output.includes('replay ')) firstCandleAtMs = performance.now();
  });
  child.stderr?.on('data', (text: string) => (output += text));
  let doneAtMs = 0;
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve)).then((code) => {
    hasEnded = true;
    return code;
  });
  while (!hasEnded) {
    await Promise.race([ended, sleep(1_000)]);
    for (const [service, port] of Object.entries(SERVICES)) {
      const megabytes = await residentMegabytes(port + portOffset);
      if (megabytes !== null) {
        samples.get(service)?.push(megabytes);
        doneAtMs = performance.now();
      }
    }
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the suite ended with ${code}:\n${output.slice(-3_000)}`);
  const summary = JSON.parse(readFileSync(summaryPath, 'utf8')) as Run['summary'];
  const seconds = (doneAtMs - (firstCandleAtMs || startedAtMs)) / 1_000;
  const memory = [...samples].map(([service, values]) => {
    const third = Math.max(1, Math.floor(values.length / 3));
    return [service, { early: values[third] ?? 0, late: Math.max(...values.slice(-third)) }] as const;
  });
  return { candlesPerSecond: summary.candles / seconds, summary, memory: Object.fromEntries(memory) };
};

/** Steps the simulator alone over the same market. Units: candles per second. */
const runSimulatorAlone = async (files: readonly string[]): Promise<number> => {
  const simulator = await startSimulator({
    env: {
      SIM_MARKET: 'replay',
      SIM_REPLAY_FILES: files.join(','),
      SIM_SPEED: 'stepped',
      SIM_LEDGER_FILE: join(folder, 'alone.jsonl'),
    },
  });
  const control = new SimulatorControl(simulator.url);
  const startedAtMs = performance.now();
  let state = await control.state();
  while (!state.isFinished && state.nextCloseMs !== null) {
    await control.advance(state.nextCloseMs);
    await control.close();
    state = await control.state();
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await simulator.stop();
  return (state.candlesPlayed * files.length) / seconds;
};

try {
  mkdirSync(folder, { recursive: true });
  const fifty = Array.from({ length: 50 }, (_, index) => writeMarket(`M${index + 10}USDT`, index + 1, 400));
  const three = Array.from({ length: 3 }, (_, index) => writeMarket(`L${index + 10}USDT`, index + 101, 5_000));
  const wide = await runSuite('wide', fifty, 21_000);
  const long = await runSuite('long', three, 22_000);
  const alone = await runSimulatorAlone(three);
  const { p50, p99 } = wide.summary.latencyMs.candleToOrder;
  const round = (value: number): number => Math.round(value * 100) / 100;
  const results = [
    {
      metric: 'bar close to order, 50 markets, p50',
      value: p50,
      unit: 'ms',
      aim: '<= 50 ms',
      meetsAim: p50 <= 50,
      note: `${wide.summary.orders} orders`,
    },
    { metric: 'bar close to order, 50 markets, p99', value: p99, unit: 'ms', aim: '<= 250 ms', meetsAim: p99 <= 250 },
    { metric: 'replay, 50 markets', value: round(wide.candlesPerSecond), unit: 'candles/s' },
    {
      metric: 'replay, 3 markets',
      value: round(long.candlesPerSecond),
      unit: 'candles/s',
      note: `${long.summary.orders} orders`,
    },
    { metric: 'simulator alone, same driver calls', value: round(alone), unit: 'candles/s' },
    { metric: 'suite / simulator alone', value: round(long.candlesPerSecond / alone), unit: 'ratio' },
    ...Object.entries(long.memory).map(([service, { early, late }]) => ({
      metric: `memory of ${service}`,
      value: round(late),
      unit: 'MB',
      aim: '< 200 MB',
      meetsAim: late < 200,
      note: `${round(late - early)} MB more than after the first third`,
    })),
  ];
  process.stdout.write(`${JSON.stringify({ name: 'suite', results })}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
