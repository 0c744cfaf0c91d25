import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const START_LIMIT_MS = 15_000;
export const API_KEY = 'contract-test-api-key-0123456789';
export const API_SECRET = 'contract-test-api-secret-0123456789';
/** 2024-01-01T00:00:00Z. */
export const MARKET_START_MS = 1_704_067_200_000;
export const MINUTE_MS = 60_000;

/** A reply as it came. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

type Params = Readonly<Record<string, string | number | boolean>>;

const encode = (params: Params): string =>
  Object.entries(params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');

/** The simulator as its own process, and the hands to use it. */
export class SimulatorProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  constructor(child: ChildProcess, url: string, directory: string) {
    this.#child = child;
    this.url = url;
    this.#directory = directory;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<SimulatorProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'qt-simulator-'));
    const child = spawn(process.execPath, ['--no-warnings', MAIN], {
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: '0',
        SIM_SPEED: 'stepped',
        SIM_START_MS: String(MARKET_START_MS),
        SIM_API_KEY: API_KEY,
        SIM_API_SECRET: API_SECRET,
        SIM_LEDGER_FILE: join(directory, 'ledger.jsonl'),
        PARENT_PID: String(process.pid),
        DRAIN_DIR: directory,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the simulator did not start: ${errors}`)), START_LIMIT_MS);
      child.once('close', (code) => {
        clearTimeout(timer);
        rmSync(directory, { recursive: true, force: true });
        reject(new Error(`the simulator ended with ${code}: ${errors}`));
      });
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const entry = JSON.parse(line) as { msg?: string; url?: string };
        if (entry.msg !== 'running' || entry.url === undefined) return;
        clearTimeout(timer);
        resolve(entry.url);
      });
    });
    // A test that fails before it stops its simulator must not hang the run: the child then ends by its PARENT_PID.
    child.unref();
    for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref();
    return new SimulatorProcess(child, url, directory);
  }

  get socketUrl(): string {
    return this.url.replace('http', 'ws');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null;
  }

  /** Returns the ledger's records so far. */
  ledger(): readonly Record<string, unknown>[] {
    return readFileSync(join(this.#directory, 'ledger.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(`${this.url}${path}`, { method, ...init });
    const text = await response.text();
    let body: unknown = text;
    try {
      body = JSON.parse(text);
    } catch {
      // A page or an empty answer: the text is all there is.
    }
    return { status: response.status, headers: response.headers, text, body };
  }

  async get(path: string, params: Params = {}): Promise<unknown> {
    return (await this.request('GET', `${path}?${encode(params)}`)).body;
  }

  /** Sends a signed request with the venue's own time, unless `timestamp` is given. */
  async signed(method: string, path: string, params: Params = {}): Promise<Reply> {
    const timestamp = params['timestamp'] ?? (await this.state()).timeMs;
    const query = encode({ ...params, timestamp });
    const signature = createHmac('sha256', API_SECRET).update(query).digest('hex');
    return this.request(method, `${path}?${query}&signature=${signature}`, { headers: { 'X-MBX-APIKEY': API_KEY } });
  }

  async control<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
    const reply = await this.request(method, `/control/${path}`, {
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    });
    return reply.body as T;
  }

  state(): Promise<{ timeMs: number; nextCloseMs: number; isFinished: boolean }> {
    return this.control('GET', 'state');
  }

  /** Plays the market to the end of `count` more candles and reports them closed. */
  async playCandles(count = 1): Promise<void> {
    for (let played = 0; played < count; played += 1) {
      const { nextCloseMs } = await this.state();
      await this.control('POST', 'advance', { untilMs: nextCloseMs });
      await this.control('POST', 'close', {});
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.isRunning) {
      this.#child.ref();
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
