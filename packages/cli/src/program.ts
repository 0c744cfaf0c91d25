import { Command } from 'commander';

type AddCommand = (program: Command) => void;

/** Each command by its name, read from disk only when it is asked for: `qt simulator` needs no database client. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  start: async () => (await import('./start/start-command.ts')).startCommand,
  simulator: async () => (await import('./simulator/simulator-command.ts')).simulatorCommand,
  status: async () => (await import('./status-command.ts')).statusCommand,
  invariants: async () => {
    const [{ invariantsCommand }, { booksHere }] = await Promise.all([
      import('./invariants/index.ts'),
      import('./books-here.ts'),
    ]);
    return (program) => invariantsCommand(program, booksHere);
  },
  events: async () => (await import('./events-command.ts')).eventsCommand,
  migrate: async () => (await import('./migrate-command.ts')).migrateCommand,
  secrets: async () => (await import('./secrets-command.ts')).secretsCommand,
  regime: async () => (await import('./regime/regime-command.ts')).regimeCommand,
};

/** Returns `qt` with the command named, or with all of them when none of that name is there. */
export const buildProgram = async (name = ''): Promise<Command> => {
  const program = new Command('qt').description('Quantum Trader: run it, look at it, check its books').version('3.0.0');
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const load of named === undefined ? Object.values(COMMANDS) : [named]) (await load())(program);
  return program;
};
