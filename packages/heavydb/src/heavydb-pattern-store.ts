import type { HeavyDbConnection, HeavyDbRow } from './heavydb-connection.ts';
import { textOf, wholeOf } from './row-values.ts';
import { sqlText, sqlWhole } from './sql-text.ts';

/** One finding of a look at a market's history, as the pattern stores take and give it. */
export interface StoredPattern<Kind extends string = string> {
  readonly symbol: string;
  readonly interval: string;
  readonly kind: Kind;
  readonly analyzedAtMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly candles: number;
  /** Plain JSON, at most 32,767 characters. */
  readonly pattern: object;
}

export const PATTERN_TABLE = `CREATE TABLE IF NOT EXISTS regime_patterns (symbol TEXT ENCODING DICT(32), candle_interval TEXT ENCODING DICT(8),
  pattern_kind TEXT ENCODING DICT(8), analyzed_at_ms BIGINT, from_ms BIGINT, to_ms BIGINT, candles INTEGER, pattern TEXT ENCODING NONE)`;

const COLUMNS = 'symbol, candle_interval, pattern_kind, analyzed_at_ms, from_ms, to_ms, candles, pattern';

/** Patterns in HeavyDB. It has neither keys nor transactions: a save deletes and adds, and one that failed in between is done again. */
export class HeavyDbPatternStore<Kind extends string = string> {
  readonly #connection: Pick<HeavyDbConnection, 'query'>;
  /** Two saves at once would delete what the other has added. */
  #saving: Promise<unknown> = Promise.resolve();

  constructor(connection: Pick<HeavyDbConnection, 'query'>) {
    this.#connection = connection;
  }

  /** Saves the findings of one look; the same look done again replaces its findings. Throws: as the connection, HEAVYDB_VALUE_INVALID. */
  save(patterns: readonly StoredPattern<Kind>[]): Promise<void> {
    const saved = this.#saving.then(async () => {
      for (const pattern of patterns) await this.#saveOne(pattern);
    });
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  /** Returns the newest finding of each kind, by name of the kind. */
  async listNewest(market: {
    readonly symbol: string;
    readonly interval: string;
  }): Promise<readonly StoredPattern<Kind>[]> {
    const kinds = await this.#connection.query(
      `SELECT pattern_kind, MAX(analyzed_at_ms) AS newest_ms FROM regime_patterns WHERE ${ofMarket(market)} GROUP BY pattern_kind`,
    );
    const found: StoredPattern<Kind>[] = [];
    for (const row of kinds) {
      const at = `pattern_kind = ${sqlText(textOf(row, 'pattern_kind'))} AND analyzed_at_ms = ${sqlWhole(wholeOf(row, 'newest_ms'))}`;
      const sql = `SELECT ${COLUMNS} FROM regime_patterns WHERE ${ofMarket(market)} AND ${at}`;
      found.push(...(await this.#connection.query(sql)).slice(0, 1).map((one) => patternOf<Kind>(one)));
    }
    return found.toSorted((one, other) => (one.kind < other.kind ? -1 : 1));
  }

  async #saveOne(pattern: StoredPattern<Kind>): Promise<void> {
    const { kind, analyzedAtMs } = pattern;
    const key = `${ofMarket(pattern)} AND pattern_kind = ${sqlText(kind)} AND analyzed_at_ms = ${sqlWhole(analyzedAtMs)}`;
    const numbers = [analyzedAtMs, pattern.fromMs, pattern.toMs, pattern.candles].map(sqlWhole);
    const texts = [pattern.symbol, pattern.interval, kind].map(sqlText);
    const values = [...texts, ...numbers, sqlText(JSON.stringify(pattern.pattern))];
    await this.#connection.query(`DELETE FROM regime_patterns WHERE ${key}`);
    await this.#connection.query(`INSERT INTO regime_patterns (${COLUMNS}) VALUES (${values.join(', ')})`);
  }
}

const ofMarket = ({ symbol, interval }: { readonly symbol: string; readonly interval: string }): string =>
  `symbol = ${sqlText(symbol)} AND candle_interval = ${sqlText(interval)}`;

const patternOf = <Kind extends string>(row: HeavyDbRow): StoredPattern<Kind> => ({
  symbol: textOf(row, 'symbol'),
  interval: textOf(row, 'candle_interval'),
  kind: textOf(row, 'pattern_kind') as Kind,
  analyzedAtMs: wholeOf(row, 'analyzed_at_ms'),
  fromMs: wholeOf(row, 'from_ms'),
  toMs: wholeOf(row, 'to_ms'),
  candles: wholeOf(row, 'candles'),
  pattern: JSON.parse(textOf(row, 'pattern')) as object,
});
