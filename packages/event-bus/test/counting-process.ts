import { consume } from '@qt/event-bus';
import { aBus, countEvent } from './a-bus.ts';

// A consumer as a process that a test can kill: writes each count it applies to a table, in the handler's transaction.
const [redisUrl = '', databaseUrl = '', source = '', type = '', table = ''] = process.argv.slice(2);
const { bus } = aBus({ redisUrl, databaseUrl, source });
bus.subscribe(
  consume(countEvent(type), async ({ payload }, { tx }) => {
    await tx.query(`INSERT INTO ${table} (count) VALUES ($1)`, [payload.count]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }),
);
await bus.start();
