import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import connector from '@heavyai/connector';
import thrift from 'thrift';
import { type Answer, type Column, StandInSql, type Value } from './stand-in-sql.ts';

/** The generated parts of the protocol, which the connector carries along. */
interface Protocol {
  readonly Processor: unknown;
  readonly TDatumType: Readonly<Record<string, number>>;
  readonly TDBException: new (fields: { error_msg: string }) => Error;
  readonly TQueryResult: new (fields: object) => unknown;
  readonly TRowSet: new (fields: object) => unknown;
  readonly TColumnType: new (fields: object) => unknown;
  readonly TTypeInfo: new (fields: object) => unknown;
  readonly TColumn: new (fields: object) => unknown;
  readonly TColumnData: new (fields: object) => unknown;
}
const protocol = connector as unknown as Protocol;
type Reply = (error: unknown, result?: unknown) => void;

const DATUM: Readonly<Record<Column['type'], string>> = {
  TEXT: 'STR',
  BIGINT: 'BIGINT',
  INTEGER: 'INT',
  DOUBLE: 'DOUBLE',
};

const columnOf = ({ type }: Column, values: readonly Value[]): unknown => {
  const place = { TEXT: 'str_col', BIGINT: 'int_col', INTEGER: 'int_col', DOUBLE: 'real_col' }[type];
  const empty = { int_col: [], real_col: [], str_col: [], arr_col: [] };
  return new protocol.TColumn({
    data: new protocol.TColumnData({ ...empty, [place]: values }),
    nulls: values.map(() => false),
  });
};

const resultOf = ({ columns, rows }: Answer): unknown =>
  new protocol.TQueryResult({
    row_set: new protocol.TRowSet({
      is_columnar: true,
      rows: [],
      row_desc: columns.map(
        ({ name, type }) =>
          new protocol.TColumnType({
            col_name: name,
            col_type: new protocol.TTypeInfo({ type: protocol.TDatumType[DATUM[type]] }),
          }),
      ),
      columns: columns.map((column, index) =>
        columnOf(
          column,
          rows.map((row) => row[index] as Value),
        ),
      ),
    }),
    execution_time_ms: 1,
    total_time_ms: 1,
    nonce: '',
  });

export interface StandIn {
  readonly url: string;
  /** Statements as they arrived. */
  readonly statements: readonly string[];
  stop(): Promise<void>;
}

/**
 * A server that speaks HeavyDB's own protocol (Thrift, binary, over HTTP) in front of tables in memory. It knows connect, sql_execute and
 * disconnect, one user, and the statements of this project. It is no HeavyDB: how a real one parses, rounds and locks, it cannot tell.
 */
export const aStandIn = async ({ port = 0, tables = new StandInSql() } = {}): Promise<StandIn> => {
  const statements: string[] = [];
  const sessions = new Set<string>();
  const refusal = (words: string): unknown => new protocol.TDBException({ error_msg: words });
  const handler = {
    connect: (user: string, password: string, database: string, reply: Reply) => {
      if (user !== 'admin' || password !== 'open sesame' || database !== 'market')
        return reply(refusal('Authentication failure'));
      const session = randomUUID();
      sessions.add(session);
      return reply(null, session);
    },
    disconnect: (session: string, reply: Reply) => {
      sessions.delete(session);
      reply(null);
    },
    sql_execute: (...given: [session: string, sql: string, ...rest: unknown[]]) => {
      const reply = given.at(-1) as Reply;
      const [session, sql] = given;
      if (!sessions.has(session)) return reply(refusal('Session not valid.'));
      statements.push(sql);
      try {
        return reply(null, resultOf(tables.run(sql)));
      } catch (error) {
        return reply(refusal((error as Error).message));
      }
    },
  };
  const { TBufferedTransport: transport, TBinaryProtocol: binary } = thrift;
  const service = { processor: protocol.Processor, handler, protocol: binary, transport };
  const server = thrift.createWebServer({ services: { '/': service } });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://admin:open%20sesame@127.0.0.1:${bound}/market`,
    statements,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
