import { wallClock } from '@qt/kernel';
import type { Command } from 'commander';
import { databaseAddress } from '../database-address.ts';
import { refuse, timeOf } from '../option-values.ts';
import { regimeServiceAddress } from './regime-service-pages.ts';
import { processFigures, storedFigures } from './report-figures.ts';
import { reportText } from './report-text.ts';

interface ReportOptions {
  readonly weekly?: boolean;
  readonly until?: string;
  readonly symbol?: string;
  readonly database?: string;
  readonly service?: string;
  readonly json?: boolean;
}

const report = async ({ weekly, until, symbol, database, service, json }: ReportOptions): Promise<void> => {
  if (weekly !== true) refuse('expected --weekly: the one report there is');
  const [stored, process] = await Promise.all([
    storedFigures({
      databaseUrl: databaseAddress(database),
      untilMs: timeOf('--until', until),
      nowMs: wallClock.nowMs(),
      symbol,
    }),
    processFigures(regimeServiceAddress(service)),
  ]);
  const figures = { ...stored, process };
  console.log(json ? JSON.stringify(figures, null, 2) : reportText(figures).join('\n'));
};

/** Adds `qt regime report --weekly`: how the last seven days went, from the record and from the running service. */
export const reportCommand = (regime: Command): void => {
  regime
    .command('report')
    .description('how the regimes of the last seven days went: shares, changes, latency, errors, tasks')
    .option('--weekly', 'seven days')
    .option('--until <time>', 'end of the week, such as 2024-01-08 (default: the newest classified candle)')
    .option('--symbol <symbol>', 'one market (default: all)')
    .option('--database <url>', 'the database (default: DATABASE_URL, else the suite started here)')
    .option('--service <url>', 'the regime service (default: of the suite started here)')
    .option('--json', 'print JSON')
    .action(report);
};
