import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dec, toText } from '@qt/kernel';
import {
  type Books,
  breachesOf,
  type Ended,
  HOURS,
  MINUTES,
  MONEY_PATH,
  processesOf,
  reopenBooks,
  startReplay,
  type Summary,
  type SuiteRun,
} from './suite.ts';

const IDS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I12', 'SUMMARY'];
const MONEY = expect.stringMatching(/^-?\d+(\.\d+)?$/);
const COUNT = expect.any(Number);

const SHAPE = {
  candles: COUNT,
  regimeChanges: COUNT,
  signals: COUNT,
  decisions: { approved: COUNT, denied: expect.any(Object) },
  orders: COUNT,
  fills: COUNT,
  positions: { opened: COUNT, closed: COUNT },
  pnl: {
    realizedUsdt: MONEY,
    unrealizedUsdt: MONEY,
    feesUsdt: MONEY,
    fundingUsdt: MONEY,
    equityStartUsdt: MONEY,
    equityEndUsdt: MONEY,
  },
  latencyMs: { candleToOrder: { p50: COUNT, p99: COUNT } },
  invariants: IDS.map((id) => ({ id, holds: true, detail: expect.any(String) })),
};

const equityByParts = ({ pnl }: Summary): string =>
  toText(
    dec(pnl.equityStartUsdt).plus(pnl.realizedUsdt).plus(pnl.unrealizedUsdt).minus(pnl.feesUsdt).plus(pnl.fundingUsdt),
  );

const ledgerOf = (run: SuiteRun): string => readFileSync(run.ledgerPath, 'utf8');

/** Returns the first line that differs, from both; null when every byte is the same. */
const firstDifference = (here: string, there: string): readonly (string | undefined)[] | null => {
  if (here === there) return null;
  const [ours, theirs] = [here.split('\n'), there.split('\n')];
  const index = ours.findIndex((line, at) => line !== theirs[at]);
  return index < 0 ? [undefined, theirs[ours.length]] : [ours[index], theirs[index]];
};

const SAME = (table: string) => ({ table, differs: null, isEmpty: false });

type OpenBooks = Books & { close(): Promise<void> };

/** What a run came to, or what it said when it failed. */
const outcomeOf = (run: SuiteRun, { code, stderr }: Ended) => ({
  code,
  stderr,
  breaches: code === 0 ? breachesOf(run) : [run.output.slice(-3_000)],
});
const GOOD = { code: 0, stderr: '', breaches: [] };

describe('a month of 1h candles of three symbols, twice', () => {
  const runs: SuiteRun[] = [];
  const books: OpenBooks[] = [];
  let ends: Ended[];
  let left: number[];

  beforeAll(async () => {
    const span = { from: '2023-03-01', to: '2023-04-01' };
    // At the same time: they share the machine and nothing else, so each sees other delays.
    const first = startReplay(HOURS, span);
    runs.push(first);
    await first.says('started in'); // it has its ports
    runs.push(startReplay(HOURS, span));
    ends = await Promise.all(runs.map((run) => run.ended()));
    left = runs.flatMap(({ folder }) => processesOf(folder));
    for (const run of runs) books.push(await reopenBooks(run));
  }, 480_000);

  afterAll(async () => {
    for (const book of books) await book.close();
    for (const run of runs) await run.remove();
  }, 60_000);

  it('ends well: every invariant holds, and no process is left behind', () => {
    for (const [index, run] of runs.entries()) expect(outcomeOf(run, ends[index] as Ended)).toEqual(GOOD);
    expect(left).toEqual([]);
  });

  it('writes a summary of the promised shape, whose equity adds up exactly', () => {
    for (const run of runs) {
      const summary = run.summary();
      expect(summary).toEqual(SHAPE);
      expect(equityByParts(summary)).toBe(summary.pnl.equityEndUsdt);
      expect(summary.candles).toBe(3 * 31 * 24);
    }
  });

  it('really traded', () => {
    const { signals, decisions, orders, fills, positions, pnl, regimeChanges } = (runs[0] as SuiteRun).summary();
    expect(Math.min(signals, decisions.approved, positions.closed, regimeChanges)).toBeGreaterThan(5);
    expect(orders).toBeGreaterThan(50);
    expect(fills).toBeGreaterThan(20);
    expect(Number(pnl.feesUsdt)).toBeGreaterThan(0);
    expect(Object.values(decisions.denied).every((count) => count > 0)).toBe(true);
  });

  it('is byte for byte the same run: ledger of the venue, and the whole money path', async () => {
    const [one, other] = runs as [SuiteRun, SuiteRun];
    expect(firstDifference(ledgerOf(one), ledgerOf(other))).toBeNull();
    expect(ledgerOf(one).length).toBeGreaterThan(10_000);
    const [first, second] = books as [OpenBooks, OpenBooks];
    for (const [table, select] of Object.entries(MONEY_PATH)) {
      const [here, there] = [await first.dump(select), await second.dump(select)];
      expect({ table, differs: firstDifference(here, there), isEmpty: here === '' }).toEqual(SAME(table));
    }
  }, 60_000);
});

describe('a week of 1m candles of three symbols, and its first day once more', () => {
  const FROM = '2023-08-10';
  const DAY_END_MS = Date.parse('2023-08-11T00:00:00Z');
  let week: SuiteRun;
  let day: SuiteRun;
  let ends: Ended[];
  const books: OpenBooks[] = [];

  beforeAll(async () => {
    week = startReplay(MINUTES, { from: FROM, to: '2023-08-17' });
    await week.says('started in');
    day = startReplay(MINUTES, { from: FROM, to: '2023-08-11' });
    ends = await Promise.all([week.ended(), day.ended()]);
    books.push(await reopenBooks(week), await reopenBooks(day));
  }, 1_200_000);

  afterAll(async () => {
    for (const book of books) await book.close();
    await week.remove();
    await day.remove();
  }, 60_000);

  it('ends well: every invariant holds, the equity adds up, orders were placed', () => {
    for (const [index, run] of [week, day].entries()) {
      expect(outcomeOf(run, ends[index] as Ended)).toEqual(GOOD);
      const summary = run.summary();
      expect(summary).toEqual(SHAPE);
      expect(equityByParts(summary)).toBe(summary.pnl.equityEndUsdt);
      expect(summary.orders).toBeGreaterThan(20);
    }
    expect(week.summary().candles).toBe(3 * 7 * 24 * 60);
  });

  it('begins with the same day byte for byte: what comes later changes nothing before', async () => {
    const dayLedger = ledgerOf(day).trimEnd().split('\n');
    expect(JSON.parse(dayLedger.pop() ?? '')).toMatchObject({ kind: 'end' });
    const begin = `${dayLedger.join('\n')}\n`;
    expect(ledgerOf(week).startsWith(begin)).toBe(true);

    const [ofWeek, ofDay] = books as [OpenBooks, OpenBooks];
    const columns = { risk_decisions: 'decided_at_ms', fills: 'occurred_at_ms', ledger_entries: 'occurred_at_ms' };
    for (const [table, column] of Object.entries(columns) as [keyof typeof columns, string][]) {
      const firstDay = `SELECT * FROM (${MONEY_PATH[table]}) whole WHERE ${column} <= ${DAY_END_MS}`;
      const [here, there] = [await ofWeek.dump(firstDay), await ofDay.dump(MONEY_PATH[table])];
      expect({ table, differs: firstDifference(here, there), isEmpty: here === '' }).toEqual(SAME(table));
    }
  }, 60_000);
});
