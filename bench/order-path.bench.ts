import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { OrderAccepted, OrderFilled, type Queryable, type StatedEvent } from '@qt/contracts';
import {
  createDatabase,
  type Database,
  type Fill,
  FillRepository,
  migrate,
  type OrderRecord,
  OrderRepository,
  OutboxRepository,
} from '@qt/database';
import { dec, toText, wallClock, ZERO } from '@qt/kernel';
import { advanceOrder, averagePrice, newProgress, type OrderNews, type OrderProgress } from '@qt/risk';
import { freePort, PostgresCluster } from '@qt/testing';

// How many order events per second pass the state machine and are on disk: fsync on, one connection, batches as a burst makes them.
// The physical limit is the same number of rows of the same size put into a bare table by the same kind of statement, in the same run.

const ROUNDS = 3;
const ORDERS = 4000;
const EVENTS_PER_ORDER = 4;
const ORDERS_PER_BATCH = 125;
const START_MS = 1_700_000_000_000;
const AIM_EVENTS_PER_SECOND = 20_000;

interface Moved {
  readonly record: OrderRecord;
  readonly fills: readonly Fill[];
  readonly events: readonly StatedEvent[];
}

const news: readonly OrderNews[] = [
  { kind: 'reported', state: 'ACCEPTED', executedQuantity: ZERO },
  { kind: 'filled', quantity: dec('0.1'), price: dec('61234.5') },
  { kind: 'filled', quantity: dec('0.2'), price: dec('61234.6') },
  { kind: 'filled', quantity: dec('0.3'), price: dec('61234.7') },
];

/** Takes one order through its four events, as the service does: progress, record, fills, stated events. */
const moveOrder = (round: string, index: number): Moved => {
  let progress: OrderProgress = advanceOrder(newProgress(dec('0.6')), { kind: 'sending' }).progress;
  const orderId = `ext-${round}-${index}`;
  const facts = {
    clientOrderId: orderId,
    decisionId: null,
    leg: 'external' as const,
    attempt: 0,
    symbol: 'BTCUSDT',
    side: 'buy' as const,
    orderType: 'limit' as const,
    quantity: '0.6',
    price: '61240',
    venueOrderId: orderId,
  };
  const head = { occurredAtMs: START_MS + index, correlationId: orderId, causationId: null, key: 'BTCUSDT' };
  const fills: Fill[] = [];
  const events: StatedEvent[] = [];
  for (const [step, one] of news.entries()) {
    progress = advanceOrder(progress, one).progress;
    if (one.kind !== 'filled') {
      events.push({ definition: OrderAccepted, draft: { ...head, payload: facts } });
      continue;
    }
    const venueFillId = `${round}${index * EVENTS_PER_ORDER + step}`;
    fills.push({
      venue: 'bench',
      symbol: 'BTCUSDT',
      venueFillId,
      venueOrderId: orderId,
      orderId,
      positionId: null,
      side: 'buy',
      quantity: one.quantity,
      price: one.price,
      fee: dec('0.0245'),
      feeAsset: 'USDT',
      realizedPnlUsdt: ZERO,
      isMaker: false,
      occurredAtMs: head.occurredAtMs,
    });
    events.push({
      definition: OrderFilled,
      draft: {
        ...head,
        payload: {
          ...facts,
          venueFillId,
          fillQuantity: toText(one.quantity),
          fillPrice: toText(one.price),
          fee: '0.0245',
          feeAsset: 'USDT',
          realizedPnlUsdt: '0',
          isMaker: false,
          cumulativeQuantity: toText(progress.executedQuantity),
          isComplete: progress.state === 'FILLED',
        },
      },
    });
  }
  const record: OrderRecord = {
    ...facts,
    orderId,
    intentId: null,
    book: 'plain',
    quantity: dec('0.6'),
    price: dec('61240'),
    actualVenueOrderId: null,
    state: progress.state,
    executedQuantity: progress.executedQuantity,
    averagePrice: averagePrice(progress)?.toDecimalPlaces(12) ?? null,
    venueExecutedQuantity: progress.venueExecutedQuantity,
    createdAtMs: head.occurredAtMs,
    updatedAtMs: head.occurredAtMs,
    correlationId: orderId,
  };
  return { record, fills, events };
};

type Append = (tx: Queryable, batch: readonly Moved[]) => Promise<void>;

/** Returns events per second over all orders, state machine included, each batch one committed transaction. */
const measure = async (database: Database, round: string, append: Append): Promise<number> => {
  const startedMs = performance.now();
  for (let first = 0; first < ORDERS; first += ORDERS_PER_BATCH) {
    const batch = Array.from({ length: ORDERS_PER_BATCH }, (_, offset) => moveOrder(round, first + offset));
    await database.transaction((tx) => append(tx, batch));
  }
  return (ORDERS * EVENTS_PER_ORDER) / ((performance.now() - startedMs) / 1000);
};

const stateMachineOnly = (): number => {
  const startedMs = performance.now();
  for (let index = 0; index < ORDERS; index += 1) moveOrder('s', index);
  return (ORDERS * EVENTS_PER_ORDER) / ((performance.now() - startedMs) / 1000);
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const run = async (database: Database): Promise<void> => {
  await database.query('CREATE TABLE bare (payload text NOT NULL)');
  const outbox = new OutboxRepository(database, wallClock);
  const toOutbox: Append = async (tx, batch) => {
    await outbox.append(
      tx,
      'bench',
      batch.flatMap(({ events }) => events),
    );
  };
  const toAll: Append = async (tx, batch) => {
    await new OrderRepository(tx).save(batch.map(({ record }) => record));
    await new FillRepository(tx).record(batch.flatMap(({ fills }) => fills));
    await toOutbox(tx, batch);
  };
  const bare: Append = async (tx, batch) => {
    const rows = batch.flatMap(({ events }) => events.map(({ draft }) => JSON.stringify(draft)));
    await tx.query('INSERT INTO bare SELECT * FROM unnest($1::text[])', [rows]);
  };
  const ways = { bare, outbox: toOutbox, all: toAll };
  const rates: Record<keyof typeof ways, number[]> = { bare: [], outbox: [], all: [] };
  const pure: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    pure.push(stateMachineOnly());
    for (const name of ['bare', 'outbox', 'all'] as const) {
      rates[name].push(await measure(database, `${name[0]}${round}`, ways[name]));
    }
  }
  const of = (name: keyof typeof ways): number => median(rates[name]);
  const rate = (value: number) => ({ value: Math.round(value), unit: 'events/s' });
  const ratio = (value: number) => ({ value: Number(value.toFixed(2)), unit: 'ratio' });
  const results = [
    { metric: 'state machine, record and events built, nothing written', ...rate(median(pure)) },
    { metric: 'physical limit: same texts into a bare table, fsync on', ...rate(of('bare')) },
    {
      metric: 'state machine and durable outbox',
      ...rate(of('outbox')),
      aim: AIM_EVENTS_PER_SECOND,
      meetsAim: of('outbox') >= AIM_EVENTS_PER_SECOND,
    },
    {
      metric: 'state machine, durable orders, fills, transitions and outbox',
      ...rate(of('all')),
      note: 'four tables, their indexes, foreign keys and triggers',
    },
    { metric: 'durable outbox / physical limit', ...ratio(of('outbox') / of('bare')) },
    { metric: 'everything / physical limit', ...ratio(of('all') / of('bare')) },
  ];
  for (const { metric, value, unit } of results)
    console.log(`${metric.padEnd(64)} ${String(value).padStart(10)} ${unit}`);
  const document = { name: 'order-path', results };
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('order-path.json', folder), `${JSON.stringify(document, null, 2)}\n`);
  console.log(JSON.stringify(document));
};

const cluster = new PostgresCluster({
  port: await freePort(),
  password: randomBytes(12).toString('hex'),
  settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
});
await cluster.start();
const url = cluster.url();
await migrate({ url });
const database = createDatabase({ url, applicationName: 'bench-order-path', maxConnections: 1 });
try {
  await database.start();
  await run(database);
} finally {
  await database.stop();
  await cluster.stop();
}
