import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@qt/testing';
import { type Books, HOURS, qt, reopenBooks, startReplay, type SuiteRun, type Verdict } from './suite.ts';

type Line = Record<string, unknown>;

let run: SuiteRun;
let books: Books & { close(): Promise<void> };
let copies = 0;

beforeAll(async () => {
  run = startReplay(HOURS, { from: '2023-03-01', to: '2023-03-05' });
  const { code, stderr } = await run.ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  books = await reopenBooks(run);
}, 240_000);

afterAll(async () => {
  await books.close();
  await run.remove();
}, 60_000);

const check = (ledger: string, database: string) =>
  qt(['invariants', '--json', '--ledger', ledger, '--database', database]);

/** Returns the exit code of `qt invariants`, and which invariants it says are broken. */
const verdictOn = async (ledger: string, database: string) => {
  const { code, stdout, stderr } = await check(ledger, database);
  if (stdout === '') throw new Error(`qt invariants printed no verdicts: ${stderr}`);
  const verdicts = JSON.parse(stdout) as Verdict[];
  return { code, broken: verdicts.filter(({ holds }) => !holds).map(({ id }) => id) };
};

/** Returns the address of a copy of the database after `sql`. Triggers and foreign keys are off: nothing resists the damage. */
const damagedDatabase = async (sql: string): Promise<string> => {
  copies += 1;
  const name = `damaged_${copies}`;
  await books.rows(`CREATE DATABASE ${name} TEMPLATE quantum_trader`, 'postgres');
  await books.rows(`SET session_replication_role = replica; ${sql}`, name);
  return books.url(name);
};

/** Returns the path of a copy of the ledger with its lines changed, numbered anew. */
const damagedLedger = (change: (lines: Line[]) => Line[]): string => {
  copies += 1;
  const path = join(run.folder, `damaged-${copies}.jsonl`);
  const whole = readFileSync(run.ledgerPath, 'utf8').trimEnd().split('\n');
  const changed = change(whole.map((line) => JSON.parse(line) as Line));
  expect(JSON.stringify(changed)).not.toBe(`[${whole.join(',')}]`);
  writeFileSync(path, changed.map((line, index) => `${JSON.stringify({ ...line, seq: index + 1 })}\n`).join(''));
  return path;
};

const without = (lines: Line[], isIt: (line: Line) => boolean): Line[] => {
  const index = lines.findIndex(isIt);
  return lines.filter((_, at) => at !== index);
};

const withChanged = (lines: Line[], isIt: (line: Line) => boolean, change: Line): Line[] => {
  const index = lines.findIndex(isIt);
  return lines.map((line, at) => (at === index ? { ...line, ...change } : line));
};

describe('qt invariants', () => {
  it('says that intact books hold, and ends with 0', async () => {
    expect(await verdictOn(run.ledgerPath, books.url())).toEqual({ code: 0, broken: [] });
  }, 30_000);

  const ONE_FILL = '(venue, symbol, venue_fill_id) = (SELECT venue, symbol, venue_fill_id FROM fills LIMIT 1)';
  const ONE_ENTRY = "leg = 'entry' AND state = 'FILLED'";

  it.each([
    { damage: 'a fill is gone', sql: `DELETE FROM fills WHERE ${ONE_FILL}`, broken: 'I1' },
    {
      damage: 'a fill is at another price',
      sql: `UPDATE fills SET price = price + 0.1 WHERE ${ONE_FILL}`,
      broken: 'I1',
    },
    {
      damage: 'a fill belongs to another order',
      sql: `UPDATE fills SET venue_order_id = '1' WHERE ${ONE_FILL}`,
      broken: 'I1',
    },
    {
      damage: 'an order says it executed more',
      sql: `UPDATE orders SET executed_quantity = executed_quantity + 1 WHERE order_id = (SELECT order_id FROM orders LIMIT 1)`,
      broken: 'I1',
    },
    {
      damage: 'a closed position is open',
      sql: `UPDATE positions SET status = 'open', quantity = 1, closed_at_ms = NULL WHERE position_id =
        (SELECT position_id FROM positions p WHERE NOT EXISTS
          (SELECT 1 FROM positions o WHERE o.symbol = p.symbol AND o.status = 'open') LIMIT 1)`,
      broken: 'I2',
    },
    {
      damage: 'a decision behind an order was a denial',
      sql: `UPDATE risk_decisions SET outcome = 'denied', code = 'MODE_FORBIDS_ENTRY' WHERE decision_id =
        (SELECT decision_id FROM orders WHERE ${ONE_ENTRY} LIMIT 1)`,
      broken: 'I3',
    },
    {
      damage: 'a decision is younger than its order',
      sql: `UPDATE risk_decisions SET decided_at_ms = decided_at_ms + 86400000 WHERE decision_id =
        (SELECT decision_id FROM orders WHERE ${ONE_ENTRY} LIMIT 1)`,
      broken: 'I3',
    },
    {
      damage: 'a decision allowed less than was ordered',
      sql: `UPDATE risk_decisions SET max_quantity = max_quantity / 2, quantity = quantity / 2 WHERE decision_id =
        (SELECT decision_id FROM orders WHERE ${ONE_ENTRY} LIMIT 1)`,
      broken: 'I3',
    },
    {
      damage: 'an intent is gone',
      sql: `DELETE FROM order_intents WHERE client_order_id = (SELECT intent_id FROM orders WHERE ${ONE_ENTRY} LIMIT 1)`,
      broken: 'I3',
    },
    {
      damage: 'an event was never applied',
      sql: `DELETE FROM inbox WHERE event_id = (SELECT event_id FROM inbox WHERE consumer = 'exec-risk-service' LIMIT 1)
        AND consumer = 'exec-risk-service'`,
      broken: 'I5',
    },
    {
      damage: 'an event was applied that nobody said',
      sql: `INSERT INTO inbox SELECT consumer, gen_random_uuid(), source, type, producer_seq, applied_at_ms FROM inbox
        WHERE consumer = 'ai-service' LIMIT 1`,
      broken: 'I5',
    },
    {
      damage: 'an event is gone from the outbox',
      sql: `DELETE FROM outbox WHERE id = (SELECT id FROM outbox WHERE producer_seq = 2 LIMIT 1)`,
      broken: 'I5',
    },
    {
      damage: 'a step of an order is gone',
      sql: `DELETE FROM order_transitions WHERE transition_id = (SELECT max(transition_id) FROM order_transitions)`,
      broken: 'I6',
    },
    {
      damage: 'a filled order was canceled afterwards',
      sql: `INSERT INTO order_transitions (order_id, from_state, to_state, occurred_at_ms)
          SELECT order_id, 'FILLED', 'CANCELED', updated_at_ms FROM orders WHERE ${ONE_ENTRY} LIMIT 1`,
      broken: 'I6',
    },
    {
      damage: 'a fee is off by one hundred-millionth',
      sql: `UPDATE ledger_entries SET amount = amount + 0.00000001 WHERE entry_id =
        (SELECT entry_id FROM ledger_entries WHERE kind = 'fee' LIMIT 1)`,
      broken: 'I7',
    },
    {
      damage: 'a gain was booked twice',
      sql: `INSERT INTO ledger_entries (entry_id, kind, venue_ref, symbol, asset, amount, occurred_at_ms)
        SELECT entry_id || '-2', kind, venue_ref || '-2', symbol, asset, amount, occurred_at_ms FROM ledger_entries
        WHERE kind = 'realized_pnl' AND amount <> 0 LIMIT 1`,
      broken: 'I7',
    },
    {
      damage: 'an order is gone',
      sql: `DELETE FROM orders WHERE order_id = (SELECT order_id FROM orders WHERE leg = 'stop' LIMIT 1)`,
      broken: 'I12',
    },
    {
      damage: 'an event is gone from the event store',
      sql: `DELETE FROM events WHERE event_id = (SELECT event_id FROM events LIMIT 1)`,
      broken: 'I12',
    },
    {
      damage: 'an event has other content in the event store',
      sql: `UPDATE events SET payload = '{"forged":true}' WHERE event_id = (SELECT event_id FROM events LIMIT 1)`,
      broken: 'I12',
    },
  ])(
    'in Postgres, $damage: $broken is broken',
    async ({ sql, broken }) => {
      const verdict = await verdictOn(run.ledgerPath, await damagedDatabase(sql));
      expect(verdict.code).toBe(1);
      expect(verdict.broken).toContain(broken);
    },
    30_000,
  );

  const isFill = ({ kind }: Line): boolean => kind === 'fill';
  const isStop = ({ kind, type }: Line): boolean => kind === 'algo' && type === 'STOP_MARKET';
  const isOwnOrder = ({ kind, origin }: Line): boolean => kind === 'order' && origin === 'client';

  it.each<{ damage: string; change: (lines: Line[]) => Line[]; broken: string }>([
    { damage: 'a fill is gone', change: (lines) => without(lines, isFill), broken: 'I1' },
    { damage: 'a fill is larger', change: (lines) => withChanged(lines, isFill, { quantity: '999' }), broken: 'I1' },
    {
      damage: 'the last fill left another position',
      change: (lines) => withChanged(lines.toReversed(), isFill, { positionAfter: '123.4' }).toReversed(),
      broken: 'I2',
    },
    {
      damage: 'an order came that nobody decided',
      change: (lines) => withChanged(lines, isOwnOrder, { clientOrderId: 'q1-00000000000000000000000000-E0' }),
      broken: 'I3',
    },
    {
      damage: 'an order was accepted twice',
      change: (lines) => lines.flatMap((line) => (isOwnOrder(line) ? [line, line] : [line])),
      broken: 'I4',
    },
    {
      damage: 'an income is larger',
      change: (lines) => withChanged(lines, ({ kind }) => kind === 'income', { amount: '10000.00000001' }),
      broken: 'I7',
    },
    { damage: 'a stop was never there', change: (lines) => without(lines, isStop), broken: 'I8' },
    {
      damage: 'an order is not in the record',
      change: (lines) => withChanged(lines, isStop, { clientAlgoId: 'q1-00000000000000000000000000-S0' }),
      broken: 'I12',
    },
  ])(
    'in the ledger of the venue, $damage: $broken is broken',
    async ({ change, broken }) => {
      const verdict = await verdictOn(damagedLedger(change), books.url());
      expect(verdict.code).toBe(1);
      expect(verdict.broken).toContain(broken);
    },
    30_000,
  );
});

describe('qt invariants on books that cannot be read', () => {
  it.each<{ fault: string; says: RegExp; ledger: () => string }>([
    {
      fault: 'no ledger',
      says: /no readable ledger at \/nowhere\/ledger\.jsonl/,
      ledger: () => '/nowhere/ledger.jsonl',
    },
    {
      fault: 'a line of the ledger that is no JSON',
      says: /line 2: found no JSON/,
      ledger: () => {
        const path = join(run.folder, 'garbled.jsonl');
        const [first = '', , ...rest] = readFileSync(run.ledgerPath, 'utf8').split('\n');
        writeFileSync(path, [first, '{"seq":2,"ti', ...rest].join('\n'));
        return path;
      },
    },
    {
      fault: 'a line of the ledger cut out',
      says: /line 5: found seq 6, expected 5/,
      ledger: () => {
        const path = join(run.folder, 'short.jsonl');
        const lines = readFileSync(run.ledgerPath, 'utf8').split('\n');
        writeFileSync(path, lines.filter((_, index) => index !== 4).join('\n'));
        return path;
      },
    },
  ])(
    '$fault: ends with 2 and says where',
    async ({ says, ledger }) => {
      const { code, stdout, stderr } = await check(ledger(), books.url());
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
    },
    30_000,
  );

  it.each<{ fault: string; says: RegExp; database: () => Promise<string> }>([
    {
      fault: 'no Postgres',
      says: /PostgreSQL at 127\.0\.0\.1:\d+ cannot be reached/,
      database: async () => `postgres://nobody@127.0.0.1:${await freePort()}/none`,
    },
    { fault: 'a database without tables', says: /migrat/, database: () => Promise.resolve(books.url('postgres')) },
  ])(
    '$fault: ends with 2 and says so',
    async ({ says, database }) => {
      const { code, stdout, stderr } = await check(run.ledgerPath, await database());
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
    },
    30_000,
  );

  it('without a word where the books are: ends with 2 and says what to give', async () => {
    const { code, stderr } = await qt(['invariants'], { QT_RUNTIME_DIR: join(run.folder, 'empty') });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--ledger FILE and --database URL/);
  }, 30_000);
});
