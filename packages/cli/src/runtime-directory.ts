import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The project's own folder. */
export const PROJECT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

const SECRET_NAMES = [
  'postgres-password',
  'regime-service-database-password',
  'ai-service-database-password',
  'exec-risk-service-database-password',
  'analytics-os-service-database-password',
  'venue-api-key',
  'venue-api-secret',
  'operator-key',
] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

const SuiteProcess = z.object({
  name: z.string(),
  pid: z.int(),
  identity: z.string(),
  port: z.int(),
  restarts: z.int(),
});
export type SuiteProcess = z.infer<typeof SuiteProcess>;

const SuiteFacts = z.object({
  pid: z.int(),
  identity: z.string(),
  startedAt: z.string(),
  mode: z.enum(['paper', 'replay']),
  speed: z.string(),
  portOffset: z.int(),
  symbols: z.array(z.string()),
  interval: z.string(),
  ledgerPath: z.string(),
  /** The service pages, by service. */
  urls: z.record(z.string(), z.string()),
  processes: z.array(SuiteProcess),
});
/** What one suite leaves on disk about itself, for `qt status` and for the next start. No secret is in it. */
export type SuiteFacts = z.infer<typeof SuiteFacts>;

/** The one folder a suite writes to: state of the stores, ledger, logs, secrets, lock. */
export class RuntimeDirectory {
  readonly path: string;
  readonly postgres: string;
  readonly redis: string;
  readonly logs: string;
  readonly ledger: string;
  /** The venue's accounts, as a clean stop has saved them. */
  readonly account: string;
  readonly lock: string;
  readonly #secrets: string;
  readonly #suite: string;

  constructor(path: string) {
    this.path = resolve(path);
    this.postgres = join(this.path, 'state', 'postgres');
    this.redis = join(this.path, 'state', 'redis');
    this.logs = join(this.path, 'logs');
    this.ledger = join(this.path, 'state', 'venue-ledger.jsonl');
    this.account = join(this.path, 'state', 'venue-account.json');
    this.lock = join(this.path, 'lock.json');
    this.#secrets = join(this.path, 'secrets');
    this.#suite = join(this.path, 'suite.json');
  }

  /** Makes what is missing; secrets are random and made once. */
  prepare(): void {
    for (const folder of [this.path, join(this.path, 'state'), this.logs]) mkdirSync(folder, { recursive: true });
    mkdirSync(this.#secrets, { recursive: true, mode: 0o700 });
    for (const name of SECRET_NAMES) {
      const file = this.secretFile(name);
      if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
    }
  }

  secretFile(name: SecretName | `${string}database-url`): string {
    return join(this.#secrets, name);
  }

  secret(name: SecretName): string {
    return readFileSync(this.secretFile(name), 'utf8').trim();
  }

  /** Of the owner, or of one service's own user. */
  writeDatabaseUrl(url: string, service?: string): void {
    const file = this.secretFile(service === undefined ? 'database-url' : `${service}-database-url`);
    writeFileSync(file, url, { mode: 0o600 });
  }

  /** Returns the address of the database of the running or last suite, or null when none has run here. */
  databaseUrl(): string | null {
    const file = this.secretFile('database-url');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
  }

  /** Where a service looks for its drain files; one folder each, as each has its own /tmp in a container. */
  drainDirectory(service: string): string {
    const folder = join(this.path, 'drain', service);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  writeSuite(facts: SuiteFacts): void {
    const next = `${this.#suite}.next`;
    writeFileSync(next, `${JSON.stringify(facts, null, 2)}\n`);
    renameSync(next, this.#suite); // a reader never sees half of it
  }

  /** Returns what the running or last suite said of itself, or null. */
  suite(): SuiteFacts | null {
    try {
      return SuiteFacts.parse(JSON.parse(readFileSync(this.#suite, 'utf8')));
    } catch {
      return null; // none has run here, or an older form: both mean nothing is known
    }
  }

  /** Empties the bus. The database is emptied by the starter, which has its server running; the venue begins its ledger anew itself. */
  forgetBus(): void {
    rmSync(this.redis, { recursive: true, force: true });
  }
}

/** Returns the folder of the suite: `QT_RUNTIME_DIR`, else `.runtime` in the project. */
export const runtimeDirectory = (): RuntimeDirectory =>
  new RuntimeDirectory(process.env['QT_RUNTIME_DIR'] ?? join(PROJECT_ROOT, '.runtime'));
