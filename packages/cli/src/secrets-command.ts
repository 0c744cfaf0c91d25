import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';

const SERVICES = ['regime_service', 'ai_service', 'exec_risk_service', 'analytics_os_service'] as const;
/** User of the application image, and of the official Postgres image. */
const APP_UID = 1000;
const POSTGRES_UID = 999;

export interface SecretsLayout {
  /** One folder per unit is made below it; each is mounted into that unit alone. */
  readonly folder: string;
  readonly databaseHost: string;
}

/** Returns the text of a secret, made at random the first time and read ever after. */
const kept = (path: string, make: () => string, uid: number): string => {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const text = make();
  writeFileSync(path, text, { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(path, uid, uid);
  return text;
};

const random = (): string => randomBytes(24).toString('base64url');

/**
 * Generates what the containers need to trust each other: a database password per service, the simulated venue's key, the operator
 * key. Existing files stay as they are, so a second run changes nothing. Files are readable by their one user only.
 */
export const generateSecrets = ({ folder, databaseHost }: SecretsLayout): void => {
  const unit = (name: string, uid: number): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    if (process.getuid?.() === 0) chownSync(path, uid, uid);
    return path;
  };
  const databaseUrl = (user: string, password: string): string =>
    `postgres://${user}:${password}@${databaseHost}:5432/quantum_trader`;

  const ownerPassword = kept(join(unit('postgres', POSTGRES_UID), 'owner_password'), random, POSTGRES_UID);
  const migrate = unit('migrate', APP_UID);
  kept(join(migrate, 'owner_database_url'), () => databaseUrl('quantum_user', ownerPassword), APP_UID);
  for (const service of SERVICES) {
    const password = kept(join(migrate, `${service}_password`), random, APP_UID);
    kept(join(unit(service, APP_UID), 'database_url'), () => databaseUrl(service, password), APP_UID);
  }

  const simulator = unit('exchange_simulator', APP_UID);
  const exec = unit('exec_risk_service', APP_UID);
  for (const name of ['venue_api_key', 'venue_api_secret']) {
    const value = kept(join(simulator, name), random, APP_UID);
    kept(join(exec, name), () => value, APP_UID);
  }
  const operatorKey = kept(join(unit('operator', APP_UID), 'operator_key'), random, APP_UID);
  for (const service of SERVICES) kept(join(unit(service, APP_UID), 'operator_key'), () => operatorKey, APP_UID);
};

/** Adds `qt secrets`: what the containers run once before anything else. */
export const secretsCommand = (program: Command): void => {
  program
    .command('secrets')
    .description('generate the random secrets that the containers share; existing ones stay')
    .requiredOption('--dir <folder>', 'where to put them')
    .option('--database-host <host>', 'host name in the database addresses', 'postgres')
    .action(({ dir, databaseHost }: { dir: string; databaseHost: string }) => {
      generateSecrets({ folder: dir, databaseHost });
      console.log(`secrets are in ${dir}`);
    });
};
