import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startSimulator } from '@qt/testing';
import type { LoadResult, LoadTask } from './simulator-http/load-client.ts';
import type { ListenResult, ListenTask } from './simulator-http/stream-listeners.ts';

// Signed orders per second through the simulator's HTTP, over keep-alive connections, with its ledger on disk. What it is compared with, in
// turns and in the same run, is an Express route that checks the same signature and does nothing else. Then 200 sockets that listen to all
// market streams of a market that runs. Clients are processes of their own; on two cores they share the machine with what they measure.

const API_KEY = 'bench-key-of-the-simulated-venue';
const API_SECRET = 'bench-secret-of-the-simulated-venue';
// Short rounds in turns: whatever else the machine does then strikes all alike.
const ROUNDS = 9;
const REQUESTS = 4_000;
/** Until then a good part of the time goes into compiling. */
const WARM_UP_REQUESTS = 40_000;
const CONNECTIONS = 16;
const AIM_RATIO = 0.5;
const SOCKETS = 200;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const SPEED = 10;
const SELF = new URL(import.meta.url).pathname;

const inChild = async <T>(role: string, task: object): Promise<T> => {
  const child = spawn(process.execPath, [SELF, role, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${role} ended with ${String(code)}`);
  return JSON.parse(said) as T;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Returns the seconds of processor time that a service has used. */
const cpuSeconds = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1] ?? Number.NaN);
};

interface Rate {
  readonly perSecond: number;
  /** Processor time of the server for one request: unlike the rate, it does not depend on what else the machine does. */
  readonly cpuMicroseconds: number;
}

const placed = async (task: LoadTask, cpu: () => Promise<number>): Promise<Rate> => {
  const before = await cpu();
  const { seconds, accepted, firstRefusal } = await inChild<LoadResult>('load', task);
  if (accepted !== task.requests) throw new Error(`${accepted} of ${task.requests} were accepted: ${firstRefusal}`);
  return { perSecond: accepted / seconds, cpuMicroseconds: (((await cpu()) - before) / accepted) * 1e6 };
};

const medianOf = (rates: readonly Rate[]): Rate => ({
  perSecond: median(rates.map(({ perSecond }) => perSecond)),
  cpuMicroseconds: median(rates.map(({ cpuMicroseconds }) => cpuMicroseconds)),
});

const startExpress = async () => {
  const child = spawn(process.execPath, [SELF, 'express'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line)));
  });
  const cpu = async (): Promise<number> =>
    ((await (await fetch(`http://127.0.0.1:${port}/cpu`)).json()) as { seconds: number }).seconds;
  return { port, cpu, stop: () => child.stdin.end() };
};

const measureOrders = async (folder: string) => {
  const simulator = await startSimulator({
    env: {
      SIM_API_KEY: API_KEY,
      SIM_API_SECRET: API_SECRET,
      SIM_SPEED: 'stepped',
      SIM_LEDGER_FILE: join(folder, 'ledger.jsonl'),
      SIM_START_BALANCE_USDT: '100000000',
    },
  });
  const bare = await startExpress();
  try {
    const { timeMs } = await simulator.control.state();
    const common = { apiKey: API_KEY, apiSecret: API_SECRET, timestampMs: timeMs, connections: CONNECTIONS };
    const market = (side: string) => `symbol=BTCUSDT&side=${side}&type=MARKET&quantity=0.010`;
    const far = 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.010';
    const book = await fetch(`${simulator.restUrl}/fapi/v1/ticker/bookTicker?symbol=BTCUSDT`);
    const { bidPrice } = (await book.json()) as { bidPrice: string };
    const cpu = (): Promise<number> => cpuSeconds(simulator.url);
    const kinds = {
      market: { cpu, port: simulator.port, orders: [market('BUY'), market('SELL')] },
      limit: { cpu, port: simulator.port, orders: [`${far}&price=${(Number(bidPrice) * 0.98).toFixed(0)}`] },
      express: { cpu: bare.cpu, port: bare.port, orders: [market('BUY'), market('SELL')] },
    };
    const rates: Record<keyof typeof kinds, Rate[]> = { market: [], limit: [], express: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const requests = round === 0 ? WARM_UP_REQUESTS : REQUESTS;
      for (const [kind, target] of Object.entries(kinds) as [keyof typeof kinds, (typeof kinds)['market']][]) {
        const { cpu: readCpu, ...to } = target;
        const rate = await placed({ ...common, ...to, requests, run: `${kind}-${round}` }, readCpu);
        if (round > 0) rates[kind].push(rate);
      }
    }
    const ratioOf = (kind: 'market' | 'limit'): number =>
      median(rates[kind].map(({ perSecond }, round) => perSecond / (rates.express[round]?.perSecond ?? Number.NaN)));
    return {
      market: medianOf(rates.market),
      limit: medianOf(rates.limit),
      express: medianOf(rates.express),
      marketRatio: ratioOf('market'),
      limitRatio: ratioOf('limit'),
    };
  } finally {
    bare.stop();
    await simulator.stop();
  }
};

const measureStreams = async () => {
  const simulator = await startSimulator({ env: { SIM_SPEED: String(SPEED), SIM_SYMBOLS: SYMBOLS.join(',') } });
  try {
    const perSymbol = ['aggTrade', 'bookTicker', 'markPrice@1s', 'kline_1m', 'depth@100ms', 'ticker', 'miniTicker'];
    const streams = SYMBOLS.flatMap((symbol) => perSymbol.map((kind) => `${symbol.toLowerCase()}@${kind}`));
    const task: ListenTask = {
      socketUrl: simulator.wsUrl,
      sockets: SOCKETS,
      streams: [...streams, '!markPrice@arr@1s'],
      warmUpMs: 3_000,
      measureMs: 10_000,
    };
    const listening = inChild<ListenResult>('listen', task);
    // Sockets are open by then, and the listeners still count.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const [fromSeconds, fromMs] = [await cpuSeconds(simulator.url), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const share = ((await cpuSeconds(simulator.url)) - fromSeconds) / ((performance.now() - fromMs) / 1_000);
    return { ...(await listening), cpuShare: share };
  } finally {
    await simulator.stop();
  }
};

const run = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-bench-'));
  const orders = await measureOrders(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
  const streams = await measureStreams();
  const rate = (value: number, unit: string) => ({ value: Math.round(value), unit });
  const share = (value: number) => Number(value.toFixed(2));
  const cpu = ({ cpuMicroseconds }: Rate) => ({ value: Math.round(cpuMicroseconds), unit: 'us/request' });
  const results = [
    {
      metric: 'signed market orders through HTTP, filled, ledger on disk',
      ...rate(orders.market.perSecond, 'orders/s'),
      note: `${CONNECTIONS} connections`,
    },
    { metric: 'signed limit orders IOC, accepted and expired', ...rate(orders.limit.perSecond, 'orders/s') },
    { metric: 'Express route that checks the same signature', ...rate(orders.express.perSecond, 'requests/s') },
    {
      metric: 'market orders / Express route',
      value: share(orders.marketRatio),
      unit: 'ratio',
      aim: AIM_RATIO,
      meetsAim: orders.marketRatio >= AIM_RATIO,
      note: `median of ${ROUNDS} rounds in turns`,
    },
    { metric: 'limit orders / Express route', value: share(orders.limitRatio), unit: 'ratio' },
    { metric: 'processor time of a market order', ...cpu(orders.market) },
    { metric: 'processor time of a request to the Express route', ...cpu(orders.express) },
    {
      metric: `messages to ${SOCKETS} sockets on all market streams`,
      ...rate(streams.messages / streams.seconds, 'messages/s'),
      note: `${SYMBOLS.length} symbols, ${SPEED} times as fast as the clock, ${streams.lost} sockets lost`,
    },
    { metric: 'bytes to these sockets', ...rate(streams.bytes / streams.seconds / 1_024, 'KiB/s') },
    { metric: 'processor of the simulator meanwhile', value: share(streams.cpuShare), unit: 'cores' },
  ];
  for (const { metric, value, unit } of results)
    console.log(`${metric.padEnd(64)} ${String(value).padStart(10)} ${unit}`);
  const document = { name: 'simulator-http', results };
  const resultsFolder = new URL('./results/', import.meta.url);
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(new URL('simulator-http.json', resultsFolder), `${JSON.stringify(document, null, 2)}\n`);
  console.log(JSON.stringify(document));
};

const [role, task = '{}'] = process.argv.slice(2);
if (role === 'express') {
  const { serveExpressRoute } = await import('./simulator-http/express-route.ts');
  serveExpressRoute(API_KEY, API_SECRET);
} else if (role === 'load') {
  const { runLoad } = await import('./simulator-http/load-client.ts');
  console.log(JSON.stringify(await runLoad(JSON.parse(task) as LoadTask)));
} else if (role === 'listen') {
  const { listenToStreams } = await import('./simulator-http/stream-listeners.ts');
  console.log(JSON.stringify(await listenToStreams(JSON.parse(task) as ListenTask)));
} else {
  await run();
}
