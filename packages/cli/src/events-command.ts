import { createDatabase, DeadLetterRepository } from '@qt/database';
import { injectEnvelope } from '@qt/event-bus';
import { AppError, wallClock } from '@qt/kernel';
import type { Command } from 'commander';
import { databaseAddress } from './database-address.ts';
import { runtimeDirectory } from './runtime-directory.ts';
import { PORTS } from './start/ports.ts';

interface Places {
  readonly database?: string;
  readonly redis?: string;
}

const MOST_AT_ONCE = 10_000;

const redisAddress = (given: string | undefined): string => {
  const port = PORTS.redis + (runtimeDirectory().suite()?.portOffset ?? 0);
  return given ?? process.env['REDIS_URL'] ?? `redis://127.0.0.1:${port}`;
};

const withLetters = async <T>(places: Places, work: (letters: DeadLetterRepository) => Promise<T>): Promise<T> => {
  const database = createDatabase({
    url: databaseAddress(places.database),
    applicationName: 'qt-events',
    maxConnections: 1,
  });
  await database.start();
  try {
    return await work(new DeadLetterRepository(database, wallClock));
  } finally {
    await database.stop();
  }
};

const replayOne = (letters: DeadLetterRepository, id: string, redisUrl: string) =>
  letters.replay(id, ({ type, envelopeText }) => injectEnvelope({ redisUrl, type, envelopeText }));

const replay = async (id: string | undefined, places: Places & { all?: boolean }): Promise<void> => {
  if ((id === undefined) === (places.all !== true)) {
    throw new AppError('BAD_OPTION', 'expected the number of one dead letter, or --all; "qt events list" shows them', {
      retryable: false,
    });
  }
  const redisUrl = redisAddress(places.redis);
  await withLetters(places, async (letters) => {
    const ids =
      id === undefined ? (await letters.list({ limit: MOST_AT_ONCE })).map((letter) => letter.deadLetterId) : [id];
    for (const one of ids) {
      const outcome = await replayOne(letters, one, redisUrl);
      if (outcome === 'not_found') process.exitCode = 1;
      console.log(`${one}: ${outcome.replaceAll('_', ' ')}`);
    }
    if (ids.length === 0) console.log('no dead letters are waiting');
  });
};

const list = (places: Places & { json?: boolean }): Promise<void> =>
  withLetters(places, async (letters) => {
    const waiting = await letters.list({ limit: MOST_AT_ONCE });
    if (places.json) console.log(JSON.stringify(waiting, null, 2));
    else if (waiting.length === 0) console.log('no dead letters are waiting');
    else
      for (const { deadLetterId, consumer, type, code, reason } of waiting)
        console.log(`${deadLetterId}  ${consumer}  ${type}  ${code}: ${reason}`);
  });

/** Adds `qt events list` and `qt events replay`: events that could not be handled, and their way back. */
export const eventsCommand = (program: Command): void => {
  const events = program.command('events').description('events that could not be handled');
  const places = (command: Command): Command =>
    command
      .option('--database <url>', 'the database (default: DATABASE_URL, else the suite started here)')
      .option('--redis <url>', 'the bus (default: REDIS_URL, else the suite started here)');
  places(events.command('list').description('show dead letters that wait').option('--json', 'print JSON')).action(list);
  places(
    events
      .command('replay')
      .argument('[id]', 'number of the dead letter')
      .description('put dead letters back on their streams')
      .option('--all', 'all that wait'),
  ).action(replay);
};
