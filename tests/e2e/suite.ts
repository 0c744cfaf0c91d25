import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '@qt/database';
import {
  endProcess,
  eventually,
  exitOf,
  type FaultRule,
  freePort,
  PostgresCluster,
  realCandles,
  SimulatorControl,
  type SimulatorState,
  spawnGuarded,
} from '@qt/testing';

const ROOT = new URL('../../', import.meta.url).pathname;
const QT = join(ROOT, 'packages', 'cli', 'src', 'main.ts');
const START_DEADLINE_MS = 120_000;

/** The services of the suite; the simulated venue and the stores are not among them. */
export const SERVICES = ['regime-service', 'ai-service', 'exec-risk-service', 'analytics-os-service'] as const;

export const HOURS = [
  realCandles('BTCUSDT_um_1h_20230101-20240630'),
  realCandles('ETHUSDT_um_1h_20230101-20240630'),
  realCandles('LTCUSDT_um_1h_20200109-20240630'),
];
export const MINUTES = [
  realCandles('BTCUSDT_um_1m_20230718-20230817'),
  realCandles('ETHUSDT_um_1m_20230703-20230817'),
  realCandles('LTCUSDT_um_1m_20230703-20230817'),
];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `qt` to its end. */
export const qt = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [QT, ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...env }, maxBuffer: 64_000_000, timeout: 240_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, stdout, stderr });
      },
    );
  });

interface Facts {
  readonly pid: number;
  readonly urls: Readonly<Record<string, string>>;
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number;
    readonly port: number;
    readonly restarts: number;
  }[];
}

export interface Verdict {
  readonly id: string;
  readonly holds: boolean;
  readonly detail: string;
}

/** A folder that the database's user can reach too. */
export const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-e2e-'));
  chmodSync(folder, 0o755);
  return folder;
};

/** Returns the processes that know `folder`: by their environment, or by their command line. */
export const processesOf = (folder: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) =>
      ['environ', 'cmdline'].some((file) => {
        try {
          return readFileSync(`/proc/${name}/${file}`, 'utf8').includes(folder);
        } catch {
          return false; // it ended meanwhile, or is another user's
        }
      }),
    )
    .map(Number);

/** One `qt start` in a runtime folder of its own, on ports of its own. */
export class SuiteRun {
  readonly folder: string;
  readonly summaryPath: string;
  readonly #child: ReturnType<typeof spawnGuarded>;
  readonly #killed = new Set<number>();
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], { folder, env }: { readonly folder: string; readonly env: Env }) {
    this.folder = folder;
    this.summaryPath = join(folder, 'summary.json');
    this.#child = spawnGuarded({
      command: process.execPath,
      args: [QT, 'start', '--port-offset', 'auto', ...args],
      cwd: ROOT,
      env: { PATH: process.env['PATH'], QT_RUNTIME_DIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      deathSignal: 'TERM',
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get ledgerPath(): string {
    return join(this.folder, 'state', 'venue-ledger.jsonl');
  }

  get output(): string {
    return this.#stdout;
  }

  /** What it says of itself on disk. */
  facts(): Facts {
    return JSON.parse(readFileSync(join(this.folder, 'suite.json'), 'utf8')) as Facts;
  }

  url(service: string): string {
    return this.facts().urls[service] ?? '';
  }

  get databaseUrl(): string {
    return readFileSync(join(this.folder, 'secrets', 'database-url'), 'utf8').trim();
  }

  get redisUrl(): string {
    return `redis://127.0.0.1:${this.#processOf('redis').port}`;
  }

  get simulator(): SimulatorControl {
    return new SimulatorControl(this.url('exchange-simulator'));
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves once the output says `text`. Throws what was said instead when the run ends first. */
  async says(text: string, timeoutMs = START_DEADLINE_MS): Promise<void> {
    const isSaid = (): boolean => this.#stdout.includes(text);
    await eventually(() => isSaid() || this.hasEnded, { timeoutMs });
    if (!isSaid()) throw new Error(`it ended without saying "${text}":\n${this.#stdout}\n${this.#stderr}`);
  }

  /** Scripts faults before the market moves: as soon as the simulated venue answers, long before the services do. */
  async addFaults(...rules: readonly FaultRule[]): Promise<void> {
    for (const rule of rules)
      await eventually(
        async () => {
          if (this.hasEnded) throw new Error(this.#stderr);
          await this.simulator.addFault(rule);
        },
        { timeoutMs: START_DEADLINE_MS, intervalMs: 50 },
      );
  }

  /** Resolves once the market has come to this share of its candles. */
  async played(share: number): Promise<SimulatorState> {
    let state = await eventually(() => this.simulator.state(), { timeoutMs: START_DEADLINE_MS });
    while (state.candlesPlayed < share * (state.candlesTotal ?? 0) && !this.hasEnded) {
      await sleep(20);
      state = await this.simulator.state();
    }
    if (this.hasEnded) throw new Error(`it ended on the way:\n${this.#stdout}\n${this.#stderr}`);
    return state;
  }

  /** SIGKILL to one process of the suite that has not had one yet. Returns its process id. */
  async killService(name: string): Promise<number> {
    const pid = await eventually(async () => {
      const { pid: found } = this.#processOf(name);
      // A process that was killed a moment ago stands in the list until its parent has noticed, and takes signals like a living one.
      if (this.#killed.has(found)) throw new Error(`${name} (${found}) is dead and not started again yet`);
      return found;
    });
    process.kill(pid, 'SIGKILL');
    this.#killed.add(pid);
    return pid;
  }

  /** How often each process was started again. */
  restarts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.facts().processes.map(({ name, restarts }) => [name, restarts]));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async ended(): Promise<Ended> {
    const { code } = await exitOf(this.#child);
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }

  summary(): Summary {
    return JSON.parse(readFileSync(this.summaryPath, 'utf8')) as Summary;
  }

  /** The end of what one process has logged, for a test that failed. */
  log(name: string): string {
    const path = join(this.folder, 'logs', `${name}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8').slice(-4_000) : '';
  }

  /** Ends it if it still runs, and takes its folder away. */
  async remove(): Promise<void> {
    await endProcess(this.#child, 'SIGTERM', 30_000);
    await eventually(() => processesOf(this.folder).length === 0, { timeoutMs: 15_000 });
    rmSync(this.folder, { recursive: true, force: true });
  }

  #processOf(name: string): Facts['processes'][number] {
    const found = this.facts().processes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} is not running`);
    return found;
  }
}

type Env = Readonly<Record<string, string>>;

/** What `--summary` writes. */
export interface Summary {
  readonly candles: number;
  readonly regimeChanges: number;
  readonly signals: number;
  readonly decisions: { readonly approved: number; readonly denied: Readonly<Record<string, number>> };
  readonly orders: number;
  readonly fills: number;
  readonly positions: { readonly opened: number; readonly closed: number };
  readonly pnl: Readonly<
    Record<'realizedUsdt' | 'unrealizedUsdt' | 'feesUsdt' | 'fundingUsdt' | 'equityStartUsdt' | 'equityEndUsdt', string>
  >;
  readonly latencyMs: { readonly candleToOrder: { readonly p50: number | null; readonly p99: number | null } };
  readonly invariants: readonly Verdict[];
}

/** Starts a suite; it goes on by itself. */
export const startSuite = (args: readonly string[], env: Env = {}, folder = aFolder()): SuiteRun =>
  new SuiteRun(args, { folder, env });

/** Starts a replay of real candles at full speed. */
export const startReplay = (
  files: readonly string[],
  { from, to, more = ['--exit'], env = {} }: { from: string; to: string; more?: readonly string[]; env?: Env },
): SuiteRun => {
  const folder = aFolder();
  const span = ['--from', from, '--to', to, '--speed', 'max', '--summary', join(folder, 'summary.json')];
  return startSuite(['--replay', files.join(','), ...span, ...more], env, folder);
};

/** Returns those invariants that do not hold; the run must have ended. */
export const breachesOf = (run: SuiteRun): readonly Verdict[] => run.summary().invariants.filter(({ holds }) => !holds);

const query = async <Row>(databaseUrl: string, sql: string): Promise<readonly Row[]> => {
  const database = createDatabase({
    url: databaseUrl,
    applicationName: 'e2e',
    maxConnections: 1,
    requiresSchema: false,
  });
  try {
    return (await database.query<Row>(sql)).rows;
  } finally {
    await database.stop();
  }
};

/** The books of a run: its database served again after the run has ended, or while it is still up. */
export class Books {
  readonly #urlOf: (database: string) => string;

  constructor(urlOf: (database: string) => string) {
    this.#urlOf = urlOf;
  }

  url(database = 'quantum_trader'): string {
    return this.#urlOf(database);
  }

  rows<Row>(sql: string, database?: string): Promise<readonly Row[]> {
    return query<Row>(this.url(database), sql);
  }

  /** Returns the table's rows as one text, a line each. */
  async dump(select: string): Promise<string> {
    const rows = await this.rows<{ line: string }>(`SELECT t::text AS line FROM (${select}) t`);
    return rows.map(({ line }) => line).join('\n');
  }

  /** Returns a checksum of each table's content. */
  async checksums(selects: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const sums: Record<string, string> = {};
    for (const [name, select] of Object.entries(selects)) {
      const [row] = await this.rows<{ sum: string }>(
        `SELECT count(*)::text || ' rows ' || coalesce(md5(string_agg(t::text, E'\\n')), '') AS sum FROM (${select}) t`,
      );
      sums[name] = row?.sum ?? '';
    }
    return sums;
  }
}

/** Returns the books of a suite that is running. */
export const booksOf = (run: SuiteRun): Books =>
  new Books((database) => {
    const url = new URL(run.databaseUrl);
    url.pathname = `/${database}`;
    return url.href;
  });

/** Serves the database of a run that has ended. */
export const reopenBooks = async (run: SuiteRun): Promise<Books & { close(): Promise<void> }> => {
  const cluster = new PostgresCluster({
    port: await freePort(),
    password: readFileSync(join(run.folder, 'secrets', 'postgres-password'), 'utf8').trim(),
    directory: join(run.folder, 'state', 'postgres'),
  });
  await cluster.start();
  return Object.assign(new Books((database) => cluster.url(database)), { close: () => cluster.stop() });
};

/** The money path as text, without the columns that hold wall time. */
export const MONEY_PATH = {
  risk_decisions: 'SELECT * FROM risk_decisions ORDER BY decided_at_ms, decision_id',
  order_intents: `SELECT client_order_id, decision_id, leg, attempt, symbol, side, order_type, quantity, price, is_reduce_only,
    closes_position, leader_epoch, sent_at_ms, horizon_ms, closed_at_ms FROM order_intents ORDER BY client_order_id`,
  orders: 'SELECT * FROM orders ORDER BY order_id',
  fills: 'SELECT * FROM fills ORDER BY venue, symbol, venue_fill_id',
  positions: 'SELECT * FROM positions ORDER BY position_id',
  ledger_entries: 'SELECT * FROM ledger_entries ORDER BY kind, venue_ref',
} as const;
