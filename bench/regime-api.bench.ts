import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { aDatabase, startRedis, startService, startSimulator } from '@qt/testing';

// GET regime/current at 1000 requests a second, sent when they are due and not when the one before is answered, while the market runs at
// 60 times real time. The client is a process of its own; on two cores both share the machine with whatever else runs on it.

const PER_SECOND = 1_000;
const SECONDS = 10;
const WARM_UP_REQUESTS = 2_000;
const CONNECTIONS = 32;
const SYMBOLS = 'BTCUSDT,ETHUSDT,SOLUSDT';
const SELF = new URL(import.meta.url).pathname;

interface Latencies {
  readonly sortedMs: readonly number[];
}

const ask = (agent: Agent, url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
      );
    });
    sent.on('error', reject).end();
  });

/** Runs in the child: prints how long each answer took, counted from when its request was due. */
const load = async (url: string): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  for (let sent = 0; sent < WARM_UP_REQUESTS; sent += 1) await ask(agent, url);
  const elapsedMs: number[] = [];
  const answers: Promise<void>[] = [];
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      while (answers.length < PER_SECOND * SECONDS) {
        const dueMs = startedMs + (answers.length * 1_000) / PER_SECOND;
        if (dueMs > performance.now()) return;
        answers.push(ask(agent, url).then(() => void elapsedMs.push(performance.now() - dueMs)));
      }
      clearInterval(timer);
      resolve();
    }, 1);
  });
  await Promise.all(answers);
  const result: Latencies = { sortedMs: elapsedMs.toSorted((left, right) => left - right) };
  process.stdout.write(JSON.stringify(result));
};

const inChild = async (url: string): Promise<Latencies> => {
  const child = spawn(process.execPath, [SELF, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the client ended with ${String(code)}`);
  return JSON.parse(said) as Latencies;
};

const figure = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
};

const measure = async (): Promise<void> => {
  const redis = await startRedis();
  const postgres = await aDatabase();
  const simulator = await startSimulator({ env: { SIM_SPEED: '60', SIM_SYMBOLS: SYMBOLS, SIM_SEED: '3' } });
  const service = await startService('regime-service', {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    CLOCK: 'market',
    SYMBOLS,
    VENUE_REST_URL: simulator.restUrl,
    VENUE_WS_URL: simulator.wsUrl,
    LOG_LEVEL: 'warn',
    NODE_OPTIONS: '--max-semi-space-size=8',
  });
  const cpuBefore = await figure(service.url, 'process_cpu_seconds_total');
  const { sortedMs } = await inChild(`${service.url}/api/v1/regime/current?symbol=BTCUSDT`);
  const cpuSeconds = (await figure(service.url, 'process_cpu_seconds_total')) - cpuBefore;
  const residentMegabytes = (await figure(service.url, 'process_resident_memory_bytes')) / 1e6;
  for (const one of [service, simulator, postgres, redis]) await one.stop();

  const rounded = (value: number): number => Math.round(value * 100) / 100;
  const at = (share: number): number => rounded(sortedMs[Math.floor(share * (sortedMs.length - 1))] ?? 0);
  const perRequest = (cpuSeconds / (sortedMs.length + WARM_UP_REQUESTS)) * 1e6;
  const results = [
    { metric: 'regime/current p50', value: at(0.5), unit: 'ms' },
    { metric: 'regime/current p99', value: at(0.99), unit: 'ms', aim: '< 25 ms', meetsAim: at(0.99) < 25 },
    { metric: 'regime/current max', value: at(1), unit: 'ms', note: `of ${sortedMs.length} at ${PER_SECOND}/s` },
    {
      metric: 'processor time',
      value: Math.round(perRequest),
      unit: 'µs',
      note: 'of the service per request, the market it follows meanwhile included',
    },
    {
      metric: 'resident memory',
      value: rounded(residentMegabytes),
      unit: 'MB',
      aim: '< 200 MB',
      meetsAim: residentMegabytes < 200,
      note: 'three markets, after the load',
    },
  ];
  process.stdout.write(`${JSON.stringify({ name: 'regime-api', results })}\n`);
};

const [, , url] = process.argv;
if (url === undefined) await measure();
else await load(url);
