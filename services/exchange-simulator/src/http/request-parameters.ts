import { refuse } from './protocol-error.ts';

const DECIMAL = /^[0-9]{1,20}(\.[0-9]{1,20})?$/;
const INTEGER = /^-?[0-9]{1,19}$/;
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const LONGEST_CLIENT_ID = 36;
const SYMBOL = /^[A-Z0-9_]{1,30}$/;

// Most parts of a request hold no escape at all.
const ESCAPED = /[%+\x80-\xff]/;
// Requests come as one character per byte; a text that was not escaped is UTF-8.
const RAW_BYTES = /[\x80-\xff]/;

const decodePart = (text: string): string => {
  if (!ESCAPED.test(text)) return text;
  const read = RAW_BYTES.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
  try {
    return decodeURIComponent(read.replaceAll('+', ' '));
  } catch {
    throw refuse.invalidData(read.slice(0, 40));
  }
};

const set = (values: Map<string, string>, name: string, value: string): void => {
  if (values.has(name)) throw refuse.duplicateParameter(name);
  values.set(name, value);
};

const readInto = (values: Map<string, string>, encoded: string): void => {
  if (encoded === '') return;
  for (const pair of encoded.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 0) set(values, decodePart(pair), '');
    else set(values, decodePart(pair.slice(0, equals)), decodePart(pair.slice(equals + 1)));
  }
};

/** The parameters of one request, from the query string and a form body, read the strict way Binance reads them. */
export class RequestParameters {
  readonly #values = new Map<string, string>();

  /** Shape: query and body as sent, one character per byte. Throws: -1101 on duplicates, -1130 on broken escapes. */
  constructor(query: string, body = '') {
    readInto(this.#values, query);
    readInto(this.#values, body);
  }

  /** Returns parameters that came without an encoding. */
  static of(values: Iterable<readonly [string, string]>): RequestParameters {
    const params = new RequestParameters('');
    for (const [name, value] of values) set(params.#values, name, value);
    return params;
  }

  /** Returns the text of a parameter if it was sent and is not empty, without judging it. */
  peek(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }

  /** Returns the text of a parameter, undefined when it was not sent. Throws: -1105 when it was sent empty. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === '') throw refuse.emptyParameter(name);
    return value;
  }

  /** Throws: -1102 when the parameter was not sent or is empty. */
  requiredText(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined || value === '') throw refuse.missingParameter(name);
    return value;
  }

  /** Returns the text of a non-negative decimal number. Throws: -1100 on anything else. */
  decimal(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !DECIMAL.test(value)) throw refuse.malformedNumber(name);
    return value;
  }

  requiredDecimal(name: string): string {
    this.requiredText(name);
    return this.decimal(name) ?? '';
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw refuse.malformedNumber(name);
    return Number(value);
  }

  requiredInteger(name: string): number {
    this.requiredText(name);
    return this.integer(name) ?? 0;
  }

  /** Returns an id as text, because ids may exceed what a JavaScript number holds. */
  id(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !INTEGER.test(value)) throw refuse.malformedNumber(name);
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw refuse.invalidData(name);
    return value === 'true';
  }

  requiredBoolean(name: string): boolean {
    this.requiredText(name);
    return this.boolean(name) ?? false;
  }

  clientId(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || CLIENT_ID.test(value)) return value;
    if (value.length > LONGEST_CLIENT_ID) throw refuse.longClientId();
    throw refuse.illegalCharacters(name);
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], otherwise: () => Error): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw otherwise();
    return found;
  }

  /** Throws: -1121 on text that cannot be a symbol. Whether it is listed is for the venue to say. */
  symbol(name = 'symbol'): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !SYMBOL.test(value)) throw refuse.invalidSymbol();
    return value;
  }

  requiredSymbol(name = 'symbol'): string {
    this.requiredText(name);
    return this.symbol(name) ?? '';
  }

  /** Returns a page size between 1 and `most`. Throws: -1130 when it is below 1. */
  limit(otherwise: number, most: number): number {
    const value = this.integer('limit');
    if (value === undefined) return otherwise;
    if (value < 1) throw refuse.invalidData('limit');
    return Math.min(value, most);
  }
}
