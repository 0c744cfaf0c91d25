import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createDatabase, ensureLoginUsers, migrate } from '@qt/database';
import type { AppError } from '@qt/kernel';
import { readRiskLimits } from '@qt/risk';
import { PostgresCluster, RedisProcess } from '@qt/testing';
import { identityOf } from '../process-identity.ts';
import { PROJECT_ROOT, type RuntimeDirectory, type SuiteProcess } from '../runtime-directory.ts';
import type { Ports } from './ports.ts';
import { SupervisedService } from './supervised-service.ts';
import type { StartOptions } from './start-options.ts';

const DATABASE = 'quantum_trader';
/** Started in this order, all at once; stopped in reverse, so that whoever says something stops before whoever listens. */
const SERVICES = ['analytics-os-service', 'exec-risk-service', 'ai-service', 'regime-service'] as const;
const SIMULATOR = 'exchange-simulator';
const PAUSE_DEADLINE_MS = 3_000;

export interface SuiteOptions {
  readonly runtime: RuntimeDirectory;
  readonly ports: Ports;
  readonly options: StartOptions;
  /** The simulated account's first deposit; the simulator's own default when left out. */
  readonly startBalanceUsdt?: string;
  readonly say: (line: string) => void;
  readonly onHopeless: (error: AppError) => void;
}

type Environment = Record<string, string | undefined>;

/** Stores, venue and services: started in order, watched, stopped in reverse. */
export class Suite {
  readonly #options: SuiteOptions;
  readonly #postgres: PostgresCluster;
  readonly #redis: RedisProcess;
  readonly #simulator: SupervisedService;
  readonly #services: readonly SupervisedService[];
  #onChange: () => void = () => undefined;
  #starting: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(suite: SuiteOptions) {
    this.#options = suite;
    const { runtime, ports, options } = suite;
    this.#postgres = new PostgresCluster({
      port: ports.postgres,
      password: runtime.secret('postgres-password'),
      directory: runtime.postgres,
      // A replay at full speed can be had again; a crash of the machine may cost it its last half second.
      settings: options.speed === 'max' ? { synchronous_commit: 'off' } : {},
      onLog: this.#logTo('postgres'),
    });
    this.#redis = new RedisProcess({
      port: ports.redis,
      directory: runtime.redis,
      isDurable: true,
      onLog: this.#logTo('redis'),
    });
    this.#simulator = this.#supervise(SIMULATOR, this.#simulatorEnvironment());
    this.#services = SERVICES.map((name) => this.#supervise(name, this.#serviceEnvironment(name)));
  }

  get databaseUrl(): string {
    return this.#postgres.url(DATABASE);
  }

  /** Addresses by service. */
  get urls(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#services.toReversed(), this.#simulator].map(({ name, url }) => [name, url]));
  }

  get services(): readonly SupervisedService[] {
    return this.#services;
  }

  /** Calls `listener` whenever a process was started. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  processes(): SuiteProcess[] {
    const store = (name: 'postgres' | 'redis', pid: number | undefined): SuiteProcess[] =>
      pid === undefined
        ? []
        : [{ name, pid, identity: identityOf(pid) ?? '', port: this.#options.ports[name], restarts: 0 }];
    const children = [this.#simulator, ...this.#services].filter(({ pid }) => pid !== null);
    return [
      ...children.toReversed().map((service) => service.facts()),
      ...store('redis', this.#redis.pid),
      ...store('postgres', this.#postgres.pid),
    ];
  }

  /** Resolves once everything is ready, or early when the suite is being stopped or can never be ready. */
  start(): Promise<void> {
    this.#starting = this.#startAll();
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#pauseMarket();
    for (const service of this.#services.toReversed()) await service.stop();
    await this.#simulator.stop();
    // A migration under way ends by itself within moments; cutting its connection would end this process instead.
    await this.#starting.catch(() => undefined);
    await Promise.allSettled([this.#redis.stop(), this.#postgres.stop()]);
  }

  /** Whatever the market did while the services end, nobody would hear: both sides' books are closed at one moment. */
  async #pauseMarket(): Promise<void> {
    if (this.#simulator.pid === null) return;
    const asked = { method: 'POST', signal: AbortSignal.timeout(PAUSE_DEADLINE_MS) };
    // A venue that does not answer is about to be stopped all the same.
    await fetch(`${this.#simulator.url}/control/pause`, asked).catch(() => undefined);
  }

  /** Ends everything without a word, for a second Ctrl-C. */
  kill(): void {
    for (const { name, pid } of this.processes()) process.kill(pid, name === 'postgres' ? 'SIGQUIT' : 'SIGKILL');
  }

  async #startAll(): Promise<void> {
    const { runtime, options } = this.#options;
    // Broken limits would be found by the one service that uses them, after an earlier run's books were gone.
    readRiskLimits(riskLimitsFile(), (path) => readFileSync(path, 'utf8'));
    // The venue needs no store, and finds out whether the market's files are any good: until then an earlier run's books stay.
    this.#simulator.start();
    await Promise.all([this.#postgres.start(), this.#simulator.untilReady()]);
    if (this.#isStopping || this.#simulator.isHopeless) return;
    if (!options.keepsAccount) runtime.forgetBus();
    await this.#startStores();
    if (this.#isStopping || this.#simulator.isHopeless) return;
    for (const service of this.#services) service.start();
    await Promise.all(this.#services.map((service) => service.untilReady()));
  }

  async #startStores(): Promise<void> {
    const { runtime, options } = this.#options;
    await this.#redis.start();
    this.#onChange();
    const server = createDatabase({
      url: this.#postgres.url(),
      applicationName: 'qt-start',
      maxConnections: 1,
      requiresSchema: false,
    });
    try {
      if (!options.keepsAccount) await server.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
      const { rowCount } = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
      if (rowCount === 0) await server.query(`CREATE DATABASE ${DATABASE}`);
    } finally {
      await server.stop();
    }
    runtime.writeDatabaseUrl(this.databaseUrl);
    await migrate({ url: this.databaseUrl });
    await this.#giveEachServiceItsUser();
  }

  /** Each service logs in as itself: the database holds it to its own tables. */
  async #giveEachServiceItsUser(): Promise<void> {
    const { runtime } = this.#options;
    const passwords: Record<string, string> = {};
    for (const service of SERVICES) {
      const user = service.replaceAll('-', '_');
      const password = runtime.secret(`${service}-database-password`);
      passwords[user] = password;
      runtime.writeDatabaseUrl(this.#postgres.url(DATABASE, { user, password }), service);
    }
    await ensureLoginUsers({ url: this.databaseUrl, passwords });
  }

  #supervise(name: keyof Ports, env: Environment): SupervisedService {
    const { runtime, ports, say, onHopeless } = this.#options;
    return new SupervisedService({
      name,
      port: ports[name],
      env,
      logs: runtime.logs,
      losesAccounts: name === SIMULATOR,
      say,
      onHopeless,
      onChange: () => this.#onChange(),
    });
  }

  #simulatorEnvironment(): Environment {
    const { runtime, options, startBalanceUsdt } = this.#options;
    const { replayFiles, fundingFiles, speed, fromMs, toMs } = options;
    const isReplay = replayFiles.length > 0;
    return inherited({
      SIM_MARKET: isReplay ? 'replay' : 'generated',
      SIM_REPLAY_FILES: isReplay ? replayFiles.join(',') : undefined,
      SIM_FUNDING_FILES: fundingFiles.length > 0 ? fundingFiles.join(',') : undefined,
      SIM_FROM_MS: fromMs === null ? undefined : String(fromMs),
      SIM_TO_MS: toMs === null ? undefined : String(toMs),
      SIM_SYMBOLS: options.symbols.join(','),
      SIM_INTERVAL: options.interval,
      SIM_SEED: String(options.seed),
      SIM_SPEED: isReplay || speed === 'max' ? 'stepped' : String(speed),
      SIM_LEDGER_FILE: runtime.ledger,
      SIM_STATE_FILE: runtime.account,
      SIM_KEEP_ACCOUNT: String(options.keepsAccount),
      SIM_START_BALANCE_USDT: startBalanceUsdt,
      SIM_API_KEY_FILE: runtime.secretFile('venue-api-key'),
      SIM_API_SECRET_FILE: runtime.secretFile('venue-api-secret'),
      DRAIN_DIR: runtime.drainDirectory(SIMULATOR),
      LOG_LEVEL: this.#logLevel,
    });
  }

  #serviceEnvironment(name: (typeof SERVICES)[number]): Environment {
    const { runtime, ports, options } = this.#options;
    const venue = `127.0.0.1:${ports[SIMULATOR]}`;
    const isTrader = name === 'exec-risk-service';
    return inherited({
      DATABASE_URL_FILE: runtime.secretFile(`${name}-database-url`),
      REDIS_URL: this.#redis.url,
      // The market's time is not the wall clock's, whatever its speed.
      CLOCK: 'market',
      SYMBOLS: options.symbols.join(','),
      INTERVAL: options.interval,
      OPERATOR_KEY_FILE: runtime.secretFile('operator-key'),
      DRAIN_DIR: runtime.drainDirectory(name),
      LOG_LEVEL: this.#logLevel,
      VENUE: 'simulator',
      VENUE_REST_URL: `http://${venue}`,
      VENUE_WS_URL: `ws://${venue}`,
      BINANCE_API_KEY_FILE: isTrader ? runtime.secretFile('venue-api-key') : undefined,
      BINANCE_API_SECRET_FILE: isTrader ? runtime.secretFile('venue-api-secret') : undefined,
      AI_SERVICE_URL: `http://127.0.0.1:${ports['ai-service']}`,
      EXEC_RISK_SERVICE_URL: `http://127.0.0.1:${ports['exec-risk-service']}`,
      REGIME_SERVICE_URL: `http://127.0.0.1:${ports['regime-service']}`,
      LOG_DIR: name === 'regime-service' ? join(runtime.logs, 'adaptive_regime') : undefined,
    });
  }

  /** A replay at full speed writes thousands of candles a second: only what matters is logged. */
  get #logLevel(): string {
    return process.env['LOG_LEVEL'] ?? (this.#options.options.speed === 'max' ? 'warn' : 'info');
  }

  #logTo(name: string): (text: string) => void {
    const path = join(this.#options.runtime.logs, `${name}.log`);
    if (existsSync(path)) renameSync(path, `${path}.1`);
    return (text) => appendFileSync(path, text);
  }
}

/** Returns the starter's environment with `own` laid over it: whatever `own` names, as value or as file, is not inherited. */
const inherited = (own: Environment): Environment => {
  const environment: Environment = { ...process.env, RISK_LIMITS_FILE: riskLimitsFile() };
  for (const name of Object.keys(own)) {
    const plain = name.replace(/_FILE$/, '');
    delete environment[plain];
    delete environment[`${plain}_FILE`];
  }
  return { ...environment, NODE_OPTIONS: undefined, ...own };
};

const riskLimitsFile = (): string =>
  resolve(PROJECT_ROOT, process.env['RISK_LIMITS_FILE'] ?? join('config', 'risk-limits.yaml'));
