import { Command } from 'commander';
import { booksHere } from './books-here.ts';
import { eventsCommand } from './events-command.ts';
import { invariantsCommand } from './invariants/index.ts';
import { migrateCommand } from './migrate-command.ts';
import { secretsCommand } from './secrets-command.ts';
import { startCommand } from './start/start-command.ts';
import { statusCommand } from './status-command.ts';

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
