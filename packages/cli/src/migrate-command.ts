import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureLoginUsers, type LoginPasswords, type LoginUser, migrate } from '@qt/database';
import type { Command } from 'commander';
import { databaseAddress } from './database-address.ts';

const LOGIN_USERS: readonly LoginUser[] = ['regime_service', 'ai_service', 'exec_risk_service', 'analytics_os_service'];

/** Reads `<user>_password` of each service's database user from a folder. */
const passwordsIn = (folder: string): LoginPasswords =>
  Object.fromEntries(
    LOGIN_USERS.map((user) => [user, readFileSync(join(folder, `${user}_password`), 'utf8').trim()]),
  ) as LoginPasswords;

/** Adds `qt migrate`: brings the schema up to date, and gives each service its own database user where their passwords are at hand. */
export const migrateCommand = (program: Command): void => {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .option('--database <url>', 'the database (default: DATABASE_URL, else the suite started here)')
    .option('--down', 'undo the last migration')
    .action(async ({ database, down }: { database?: string; down?: boolean }) => {
      const url = databaseAddress(database);
      const ran = await migrate({ url, direction: down ? 'down' : 'up' });
      console.log(ran.length === 0 ? 'the schema is up to date' : `ran ${ran.join(', ')}`);
      const folder = process.env['SERVICE_PASSWORD_DIR'];
      if (folder === undefined || down) return;
      await ensureLoginUsers({ url, passwords: passwordsIn(folder) });
      console.log('each service has its own database user');
    });
};
