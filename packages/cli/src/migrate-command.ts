import { migrate } from '@qt/database';
import type { Command } from 'commander';
import { databaseAddress } from './database-address.ts';

/** Adds `qt migrate`: brings the schema up to date. */
export const migrateCommand = (program: Command): void => {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .option('--database <url>', 'the database (default: DATABASE_URL, else the suite started here)')
    .option('--down', 'undo the last migration')
    .action(async ({ database, down }: { database?: string; down?: boolean }) => {
      const ran = await migrate({ url: databaseAddress(database), direction: down ? 'down' : 'up' });
      console.log(ran.length === 0 ? 'the schema is up to date' : `ran ${ran.join(', ')}`);
    });
};
