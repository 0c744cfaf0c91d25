import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database, ensureLoginUsers, migrate } from '@qt/database';
import { freePort, type RunningStore, startPostgres } from '@qt/testing';

let server: RunningStore;
let url: string;
let database: Database;

const urlOf = (name: string, user?: string, password?: string): string => {
  const made = new URL(server.url);
  made.pathname = `/${name}`;
  if (user !== undefined) made.username = user;
  if (password !== undefined) made.password = password;
  return made.href;
};

const within = async <T>(place: string, work: (db: Database) => Promise<T>): Promise<T> => {
  const db = createDatabase({ url: place, applicationName: 'test', maxConnections: 2, requiresSchema: false });
  try {
    return await work(db);
  } finally {
    await db.stop();
  }
};

beforeAll(async () => {
  server = await startPostgres();
  await within(server.url, (db) => db.query('CREATE DATABASE main_one'));
  url = urlOf('main_one');
  await migrate({ url });
  database = createDatabase({ url, applicationName: 'test', maxConnections: 3 });
  await database.start();
}, 60_000);

afterAll(async () => {
  await database.stop();
  await server.stop();
});

describe('a database', () => {
  it('gives numeric and bigint as text', async () => {
    const { rows } = await database.query('SELECT 0.10::numeric AS price, 9007199254740993::bigint AS id');
    expect(rows).toEqual([{ price: '0.10', id: '9007199254740993' }]);
  });

  it('commits what resolves and rolls back what throws, and keeps its connections', async () => {
    await database.query('CREATE TABLE kept (value int)');
    await database.transaction((tx) => tx.query('INSERT INTO kept VALUES ($1)', [1]));
    for (let times = 0; times < 5; times += 1) {
      const failed = database.transaction(async (tx) => {
        await tx.query('INSERT INTO kept VALUES ($1)', [2]);
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
    }
    await expect(database.transaction((tx) => tx.query('SELECT nonsense'))).rejects.toMatchObject({ code: '42703' });
    expect((await database.query('SELECT value FROM kept')).rows).toEqual([{ value: 1 }]);
    expect(await database.check()).toMatchObject({ status: 'up', connections: 1, waiting: 0 });
  });

  it('survives the server ending its connections, used and unused', async () => {
    const end = (db: Database): Promise<unknown> =>
      db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`);
    const victim = createDatabase({ url, applicationName: 'victim', maxConnections: 2 });
    await victim.start();
    await end(database);
    const used = victim.transaction(async (tx) => {
      await tx.query('SELECT 1');
      await end(database);
      await tx.query('SELECT 1');
    });
    await expect(used).rejects.toMatchObject({ code: 'POSTGRES_UNREACHABLE', retryable: true });
    expect((await victim.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await victim.stop();
  });

  it('calls a deadlock what it is: worth another try', async () => {
    await database.query(
      'CREATE TABLE locked (id int PRIMARY KEY, value int); INSERT INTO locked VALUES (1, 0), (2, 0)',
    );
    const lockBoth = (first: number, second: number): Promise<void> =>
      database.transaction(async (tx) => {
        await tx.query('UPDATE locked SET value = value + 1 WHERE id = $1', [first]);
        await tx.query('SELECT pg_sleep(0.1)');
        await tx.query('UPDATE locked SET value = value + 1 WHERE id = $1', [second]);
      });
    const outcomes = await Promise.allSettled([lockBoth(1, 2), lockBoth(2, 1)]);
    const [failure] = outcomes.filter(({ status }) => status === 'rejected');
    expect(failure).toMatchObject({ reason: { code: 'POSTGRES_CONFLICT', retryable: true } });
  });

  it('says where no server answers and what to do, without the password', async () => {
    const port = await freePort();
    const away = createDatabase({ url: `postgres://me:secret@127.0.0.1:${port}/x`, applicationName: 'test' });
    const failure = await away.start().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'POSTGRES_UNREACHABLE', retryable: true });
    expect(String(failure)).toContain(`127.0.0.1:${port}`);
    expect(String(failure)).toContain('DATABASE_URL');
    expect(String(failure)).not.toContain('secret');
    expect(await away.check()).toMatchObject({ status: 'down' });
    await away.stop();
  });
});

describe('migrations', () => {
  it('that are missing are named at the start', async () => {
    await within(server.url, (db) => db.query('CREATE DATABASE behind'));
    const behind = createDatabase({ url: urlOf('behind'), applicationName: 'test' });
    await expect(behind.start()).rejects.toMatchObject({
      code: 'POSTGRES_SCHEMA_BEHIND',
      message: expect.stringMatching(/lacks 0001_bus,.*0006_roles.*npm run qt -- migrate/),
    });
    await migrate({ url: urlOf('behind') });
    await behind.start();
    await behind.stop();
  });

  it('run once although several processes start them, and nothing is left to do afterwards', async () => {
    await within(server.url, (db) => db.query('CREATE DATABASE raced'));
    const ran = await Promise.all([1, 2, 3].map(() => migrate({ url: urlOf('raced') })));
    expect(ran.map((names) => names.length).filter((length) => length > 0)).toHaveLength(1);
    expect(await migrate({ url: urlOf('raced') })).toEqual([]);
  });

  it('can be undone one by one down to nothing', async () => {
    await within(server.url, (db) => db.query('CREATE DATABASE undone'));
    const undone = urlOf('undone');
    const names = await migrate({ url: undone });
    for (const name of [...names].reverse()) expect(await migrate({ url: undone, direction: 'down' })).toEqual([name]);
    const tables = await within(undone, (db) =>
      db.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`),
    );
    expect(tables.rows).toEqual([]);
  });

  it('of several databases of a cluster may run at once', async () => {
    const names = ['one', 'two', 'three'].map((name) => `parallel_${name}`);
    for (const name of names) await within(server.url, (db) => db.query(`CREATE DATABASE ${name}`));
    await Promise.all(names.map((name) => migrate({ url: urlOf(name) })));
  });
});

describe('roles', () => {
  const passwords = {
    regime_service: "o'ne",
    ai_service: 'two',
    exec_risk_service: 'three',
    analytics_os_service: 'four',
  };

  const asUser = async (user: keyof typeof passwords, sql: string): Promise<unknown> =>
    within(urlOf('main_one', user, encodeURIComponent(passwords[user])), (db) => db.query(sql));

  beforeAll(async () => {
    await ensureLoginUsers({ url, passwords: { ...passwords, ai_service: 'old' } });
    await ensureLoginUsers({ url, passwords });
  });

  it('let each table be written by exactly one service, but for the bus', async () => {
    const { rows } = await database.query<{ table: string; writers: string[] }>(
      `SELECT t.tablename AS table, array_agg(r.rolname::text ORDER BY r.rolname) FILTER
          (WHERE has_table_privilege(r.rolname, 'public.' || t.tablename, 'INSERT')) AS writers
       FROM pg_tables t CROSS JOIN pg_roles r
       WHERE t.schemaname = 'public' AND r.rolname LIKE 'quantum\\_%'
         AND t.tablename NOT IN ('schema_migrations', 'kept', 'locked') GROUP BY 1`,
    );
    const bus = ['producer_sequences', 'outbox', 'inbox', 'dead_letters'];
    const services = ['quantum_ai', 'quantum_analytics', 'quantum_exec', 'quantum_regime'];
    for (const { table, writers } of rows) {
      if (bus.includes(table)) expect({ table, writers }).toEqual({ table, writers: services });
      else expect({ table, writers }).toEqual({ table, writers: [expect.any(String)] });
    }
  });

  it.each([
    ['ai_service', `INSERT INTO model_inputs VALUES ('BTCUSDT', '1m', 1, '{}')`],
    ['ai_service', 'SELECT * FROM orders'],
    ['ai_service', `DELETE FROM model_inputs`],
    ['analytics_os_service', `SELECT ensure_events_partition('2026-01-01')`],
    ['analytics_os_service', 'SELECT * FROM events_20260101'],
    ['ai_service', 'SELECT * FROM events_20260101'],
    ['exec_risk_service', `INSERT INTO control VALUES (true, 'HALT', 0, 'test', 'test', 1) ON CONFLICT DO NOTHING`],
    ['exec_risk_service', 'SELECT mode FROM control FOR SHARE'],
    [
      'regime_service',
      `INSERT INTO producer_sequences VALUES ('a', 'b', 1) ON CONFLICT (source, type) DO UPDATE SET last_seq = 2`,
    ],
    ['regime_service', `UPDATE outbox SET relayed_at_ms = 1 WHERE id = ANY('{}'::uuid[])`],
  ] as const)('let %s do: %s', async (user, sql) => {
    await asUser(user, sql);
  });

  it.each([
    ['ai_service', `INSERT INTO control VALUES (true, 'ACTIVE', 0, 'test', 'test', 1)`],
    ['ai_service', `UPDATE control SET mode = 'ACTIVE'`],
    ['regime_service', `DELETE FROM outbox`],
    ['regime_service', `UPDATE outbox SET payload = '{}'`],
    ['exec_risk_service', 'DELETE FROM fills'],
    ['exec_risk_service', 'UPDATE ledger_entries SET amount = 0'],
    ['exec_risk_service', `UPDATE risk_decisions SET outcome = 'approved'`],
    ['exec_risk_service', `SELECT ensure_events_partition('2026-01-02')`],
    ['analytics_os_service', 'DELETE FROM audit_log'],
    ['analytics_os_service', 'CREATE TABLE mine (id int)'],
  ] as const)('do not let %s do: %s', async (user, sql) => {
    await expect(asUser(user, sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('take the password that was set last', async () => {
    const old = within(urlOf('main_one', 'ai_service', 'old'), (db) => db.query('SELECT 1'));
    await expect(old).rejects.toMatchObject({ code: '28P01' });
  });
});
