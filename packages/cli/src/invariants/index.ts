import { createDatabase } from '@qt/database';
import { AppError, messageOf } from '@qt/kernel';
import type { Command } from 'commander';
import { readRecord } from './record-rows.ts';
import { alwaysProtected, deliveredExactlyOnce, legalPaths, moneyAddsUp } from './state-checks.ts';
import { everyOrderDecided, nothingForgotten, placedAtMostOnce, sameFills, samePositions } from './trading-checks.ts';
import { readVenueLedger } from './venue-ledger.ts';
import type { Verdict } from './verdict.ts';

export type { Verdict } from './verdict.ts';

export interface BooksToCheck {
  /** The simulator's own ledger file. */
  readonly ledgerPath: string;
  readonly databaseUrl: string;
}

/**
 * Returns the verdict on invariants I1 to I8 and I12, from the venue's ledger file and Postgres alone. It shares no code with the
 * services and believes nothing they say about themselves.
 *
 * Throws: VENUE_LEDGER_UNREADABLE, VENUE_LEDGER_INVALID, POSTGRES_UNREACHABLE.
 */
export const checkInvariants = async ({ ledgerPath, databaseUrl }: BooksToCheck): Promise<readonly Verdict[]> => {
  const database = createDatabase({ url: databaseUrl, applicationName: 'qt-invariants', maxConnections: 1 });
  try {
    await database.start();
    const record = await database.transaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return readRecord(tx);
    });
    const ledger = readVenueLedger(ledgerPath);
    return [
      sameFills(ledger, record),
      samePositions(ledger, record),
      everyOrderDecided(ledger, record),
      placedAtMostOnce(ledger, record),
      deliveredExactlyOnce(record),
      legalPaths(record),
      moneyAddsUp(ledger, record),
      alwaysProtected(ledger),
      nothingForgotten(ledger, record),
    ];
  } finally {
    await database.stop();
  }
};

/** The books of the suite that runs here or ran here last, where the command is not told others. */
interface KnownBooks {
  readonly ledgerPath: string | undefined;
  readonly openDatabase: () => Promise<{ readonly url: string | undefined; readonly close: () => Promise<void> }>;
}

interface InvariantsOptions {
  readonly ledger?: string;
  readonly database?: string;
  readonly json?: boolean;
}

const checkKnown = async (options: InvariantsOptions, known: KnownBooks): Promise<readonly Verdict[]> => {
  const given = options.database ?? process.env['DATABASE_URL'];
  const ledgerPath = options.ledger ?? known.ledgerPath;
  const { url: databaseUrl, close } =
    given === undefined ? await known.openDatabase() : { url: given, close: async () => {} };
  try {
    if (ledgerPath === undefined || databaseUrl === undefined) {
      const missing = ledgerPath === undefined ? 'no ledger' : 'no database';
      const message = `found ${missing}; expected --ledger FILE and --database URL, or a suite started here with npm start`;
      throw new AppError('NO_BOOKS', message, { retryable: false });
    }
    return await checkInvariants({ ledgerPath, databaseUrl });
  } finally {
    await close();
  }
};

/** Adds `qt invariants`: prints each invariant and ends with 1 on any breach, 2 when the books cannot be read. */
export const invariantsCommand = (program: Command, books: () => KnownBooks): void => {
  program
    .command('invariants')
    .description("hold Postgres against the simulator's own ledger, beside a suite or after it; exit 1 on any breach")
    .option('--ledger <file>', "the simulator's ledger (default: the running or last suite's)")
    .option('--database <url>', 'the database (default: DATABASE_URL, else the running or last suite’s)')
    .option('--json', 'print JSON')
    .action(async (options: InvariantsOptions) => {
      const verdicts = await checkKnown(options, books()).catch((error: unknown) => {
        // Not a breach: nothing is known about the books.
        console.error(messageOf(error));
        return null;
      });
      if (verdicts === null) {
        process.exitCode = 2;
        return;
      }
      if (options.json) console.log(JSON.stringify(verdicts, null, 2));
      else
        for (const { id, title, holds, detail } of verdicts)
          console.log(`${id.padEnd(4)}${holds ? 'holds ' : 'BREACH'}  ${title}: ${detail}`);
      process.exitCode = verdicts.every(({ holds }) => holds) ? 0 : 1;
    });
};
