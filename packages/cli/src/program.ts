import { Command } from 'commander';
import { eventsCommand } from './events-command.ts';
import { invariantsCommand } from './invariants/index.ts';
import { migrateCommand } from './migrate-command.ts';
import { runtimeDirectory } from './runtime-directory.ts';
import { secretsCommand } from './secrets-command.ts';
import { startCommand } from './start/start-command.ts';
import { statusCommand } from './status-command.ts';

/** What is known of the running or last suite's books. */
const booksHere = (): { ledgerPath?: string; databaseUrl?: string } => {
  const runtime = runtimeDirectory();
  const databaseUrl = runtime.databaseUrl();
  const ledgerPath = runtime.suite()?.ledgerPath;
  return { ...(ledgerPath === undefined ? {} : { ledgerPath }), ...(databaseUrl === null ? {} : { databaseUrl }) };
};

/** Returns `qt` with all its commands. */
export const buildProgram = (): Command => {
  const program = new Command('qt').description('Quantum Trader: run it, look at it, check its books').version('3.0.0');
  startCommand(program);
  statusCommand(program);
  invariantsCommand(program, booksHere);
  eventsCommand(program);
  migrateCommand(program);
  secretsCommand(program);
  return program;
};
