/** A column's type, as far as the tables of this project need one. */
export type ColumnType = 'TEXT' | 'BIGINT' | 'INTEGER' | 'DOUBLE';
export type Value = string | number;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}
export interface Answer {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
}

interface Table {
  readonly columns: readonly Column[];
  rows: Value[][];
}
type Comparison = (row: readonly Value[]) => boolean;

const NOTHING: Answer = { columns: [], rows: [] };
const TYPES: Readonly<Record<string, ColumnType>> = {
  'TEXT ENCODING DICT(8)': 'TEXT',
  'TEXT ENCODING DICT(32)': 'TEXT',
  'TEXT ENCODING NONE': 'TEXT',
  BIGINT: 'BIGINT',
  INTEGER: 'INTEGER',
  DOUBLE: 'DOUBLE',
};
/** Words that HeavyDB keeps for itself: as a column name they are a syntax error there. */
const RESERVED = ['interval', 'open', 'close', 'high', 'low', 'timestamp', 'value', 'kind'];

const refuse = (sentence: string): never => {
  throw new Error(sentence);
};

/** Splits at commas outside quotes and parentheses. */
const listOf = (text: string): readonly string[] =>
  (text.match(/(?:'(?:[^']|'')*'|\([^)]*\)|[^,'(])+/g) ?? []).map((part) => part.trim());

const valueOf = (text: string): Value => {
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : refuse(`SQL Error: Encountered "${text}"`);
};

/** Tables in memory and the few statements this project says; everything else is refused, as a server refuses what it cannot parse. */
export class StandInSql {
  readonly #tables = new Map<string, Table>();

  run(sql: string): Answer {
    const text = sql.replaceAll(/\s+/g, ' ').trim();
    const create = /^CREATE TABLE IF NOT EXISTS (\w+) \((.*)\)$/.exec(text);
    if (create !== null) return this.#create(create[1] ?? '', create[2] ?? '');
    const insert = /^INSERT INTO (\w+) \(([\w, ]+)\) VALUES \((.*)\)$/.exec(text);
    if (insert !== null) return this.#insert(insert[1] ?? '', insert[2] ?? '', insert[3] ?? '');
    const remove = /^DELETE FROM (\w+) WHERE (.*)$/.exec(text);
    if (remove !== null) return this.#delete(remove[1] ?? '', remove[2] ?? '');
    const newest = /^SELECT (\w+), MAX\((\w+)\) AS (\w+) FROM (\w+) WHERE (.*) GROUP BY \1$/.exec(text);
    if (newest !== null) return this.#newest(newest.slice(1));
    const select = /^SELECT ([\w, ]+) FROM (\w+) WHERE (.*?)(?: ORDER BY (\w+) ASC)?$/.exec(text);
    if (select !== null) return this.#select(select.slice(1));
    return refuse(`SQL Error: Encountered "${text.slice(0, 40)}"`);
  }

  #create(name: string, list: string): Answer {
    if (this.#tables.has(name)) return NOTHING;
    const columns = listOf(list).map((part) => {
      const [column = '', ...type] = part.split(' ');
      if (RESERVED.includes(column.toLowerCase())) refuse(`SQL Error: Encountered "${column}"`);
      return { name: column, type: TYPES[type.join(' ')] ?? refuse(`SQL Error: type ${type.join(' ')}`) };
    });
    this.#tables.set(name, { columns, rows: [] });
    return NOTHING;
  }

  #insert(name: string, columnList: string, valueList: string): Answer {
    const table = this.#table(name);
    const names = listOf(columnList);
    const values = listOf(valueList).map(valueOf);
    if (names.length !== values.length) refuse('SQL Error: Number of INSERT target columns does not match');
    table.rows.push(
      table.columns.map(({ name: column, type }) => {
        const value = values[names.indexOf(column)];
        const isText = typeof value === 'string';
        if (value === undefined || isText !== (type === 'TEXT')) return refuse(`SQL Error: cannot assign to ${column}`);
        return value;
      }),
    );
    return NOTHING;
  }

  #delete(name: string, condition: string): Answer {
    const table = this.#table(name);
    const isMeant = conditionOf(table, condition);
    table.rows = table.rows.filter((row) => !isMeant(row));
    return NOTHING;
  }

  #select([list = '', name = '', condition = '', order]: readonly (string | undefined)[]): Answer {
    const table = this.#table(name);
    const rows = table.rows.filter(conditionOf(table, condition));
    if (order !== undefined) {
      const by = indexIn(table, order);
      rows.sort((one, other) => Number(one[by]) - Number(other[by]));
    }
    const picked = listOf(list).map((column) => indexIn(table, column));
    return {
      columns: picked.map((index) => table.columns[index] as Column),
      rows: rows.map((row) => picked.map((index) => row[index] as Value)),
    };
  }

  #newest([group = '', of = '', as = '', name = '', condition = '']: readonly string[]): Answer {
    const table = this.#table(name);
    const [by, at] = [indexIn(table, group), indexIn(table, of)];
    const newest = new Map<Value, Value>();
    for (const row of table.rows.filter(conditionOf(table, condition))) {
      const key = row[by] as Value;
      newest.set(key, Math.max(Number(newest.get(key) ?? Number.NEGATIVE_INFINITY), Number(row[at])));
    }
    const columns = [table.columns[by] as Column, { name: as, type: (table.columns[at] as Column).type }];
    // A server gives groups in no order.
    return { columns, rows: [...newest].reverse() };
  }

  #table(name: string): Table {
    return this.#tables.get(name) ?? refuse(`SQL Error: Object '${name}' not found`);
  }
}

const indexIn = ({ columns }: Table, name: string): number => {
  const index = columns.findIndex((column) => column.name === name);
  return index < 0 ? refuse(`SQL Error: Column '${name}' not found in any table`) : index;
};

const conditionOf = (table: Table, text: string): Comparison => {
  // Splits at AND outside quotes.
  const parts = text.match(/(?:'(?:[^']|'')*'|(?! AND ).)+/g) ?? [];
  const comparisons = parts.map((part): Comparison => {
    const found = /^(?:AND )?(\w+) (=|>=|<) (.+)$/.exec(part.trim());
    if (found === null) return refuse(`SQL Error: Encountered "${part}"`);
    const index = indexIn(table, found[1] ?? '');
    const wanted = valueOf(found[3] ?? '');
    if (found[2] === '=') return (row) => row[index] === wanted;
    return found[2] === '<'
      ? (row) => Number(row[index]) < Number(wanted)
      : (row) => Number(row[index]) >= Number(wanted);
  });
  return (row) => comparisons.every((holds) => holds(row));
};
