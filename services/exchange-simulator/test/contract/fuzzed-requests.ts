import { createHmac } from 'node:crypto';
import { API_KEY, API_SECRET } from './simulator-process.ts';

/** A request as bytes, and what must be known to send it. */
export interface FuzzedRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The sending side ends with it, because it may not be whole. */
  readonly isLast?: boolean;
  readonly isHead?: boolean;
  /** Client order id, if it would be a placement. */
  readonly placedAs?: string;
}

type Params = Readonly<Record<string, string>>;
interface Base {
  readonly method: string;
  readonly path: string;
  readonly params: Params;
}

const ORDER = '/fapi/v1/order';
const LIMIT = { symbol: 'BTCUSDT', type: 'LIMIT', timeInForce: 'GTC', price: '30000' };
/** Requests that change something, all of them valid. */
const COMMANDS: readonly Base[] = [
  { method: 'POST', path: ORDER, params: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010' } },
  { method: 'POST', path: ORDER, params: { ...LIMIT, side: 'BUY', quantity: '0.010' } },
  { method: 'DELETE', path: ORDER, params: { symbol: 'BTCUSDT', origClientOrderId: 'resting' } },
  { method: 'DELETE', path: '/fapi/v1/allOpenOrders', params: { symbol: 'BTCUSDT' } },
  { method: 'DELETE', path: '/fapi/v1/algoOrder', params: { clientAlgoId: 'stop' } },
  { method: 'DELETE', path: '/fapi/v1/algoOpenOrders', params: { symbol: 'BTCUSDT' } },
  { method: 'POST', path: '/fapi/v1/leverage', params: { symbol: 'ETHUSDT', leverage: '7' } },
  { method: 'POST', path: '/fapi/v1/marginType', params: { symbol: 'ETHUSDT', marginType: 'ISOLATED' } },
  { method: 'POST', path: '/fapi/v1/countdownCancelAll', params: { symbol: 'BTCUSDT', countdownTime: '1' } },
  {
    method: 'POST',
    path: '/fapi/v1/algoOrder',
    params: {
      algoType: 'CONDITIONAL',
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'STOP_MARKET',
      quantity: '0.010',
      triggerPrice: '20000',
    },
  },
];
const READS = [
  'order',
  'openOrders',
  'allOrders',
  'userTrades',
  'income',
  'klines',
  'depth',
  'trades',
  'fundingRate',
  'premiumIndex',
];
const PARAM_NAMES = [
  'symbol',
  'side',
  'type',
  'quantity',
  'price',
  'orderId',
  'origClientOrderId',
  'limit',
  'startTime',
  'endTime',
  'interval',
  'leverage',
  'timeInForce',
  'reduceOnly',
  'positionSide',
  'closePosition',
  'fromId',
  'recvWindow',
  'newClientOrderId',
];
/** No endpoint takes one of these for a quantity. */
const NO_QUANTITIES = [
  'NaN',
  '-1',
  '1e999',
  '1e-3',
  'Infinity',
  '0x10',
  '１',
  '🚀',
  '',
  ' ',
  '0',
  '0.0000000001',
  '9'.repeat(25),
  '1,5',
  'null',
  'undefined',
  '[object Object]',
  '1;',
  "' OR 1=1",
  '\u0000',
  '+1',
  '.5',
  '5.',
  '٣',
];
const WORDS = [
  ...NO_QUANTITIES,
  'BTCUSDT',
  'ETHUSDT',
  '币安人生USDT',
  'BUY',
  'SELL',
  'buy',
  'MARKET',
  'LIMIT',
  'GTC',
  'true',
  'false',
  'LONG',
  'BOTH',
  '1m',
  '7m',
  '1',
  '5',
  '100',
  '0.010',
  '30000',
  '1704067200000',
  '-9223372036854775808',
  '9223372036854775807',
  '__proto__',
  'constructor',
  'a'.repeat(300),
];

const encode = (params: Params): string =>
  Object.entries(params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
const signatureOf = (payload: string): string =>
  createHmac('sha256', API_SECRET).update(payload, 'latin1').digest('hex');
const signed = (query: string): string => `${query}&signature=${signatureOf(query)}`;

interface Written {
  readonly method: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

const write = ({ method, target, headers = [`X-MBX-APIKEY: ${API_KEY}`], body = '' }: Written): Buffer => {
  const needsLength = body !== '' || method === 'POST' || method === 'PUT' || method === 'DELETE';
  const length = needsLength ? [`Content-Length: ${body.length}`] : [];
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, ...length];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
};

/** Makes requests from a seed: those of `refused` can never be carried out, those of `any` may be valid. */
export class RequestFuzzer {
  readonly #random: () => number;
  readonly #nowMs: number;
  #made = 0;

  constructor(random: () => number, nowMs: number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  /** Returns a request with something wrong about it that no venue may overlook. */
  refused(): FuzzedRequest {
    const [kind, make] = this.#pick(Object.entries(this.#faults));
    return { kind, ...make(this.#pick(COMMANDS)) };
  }

  /** Returns a signed request with random parameters, perhaps a valid one. */
  any(): FuzzedRequest {
    this.#made += 1;
    const placedAs = `any-${this.#made}`;
    const command = this.#random() < 0.6;
    const { method, path, params } = command
      ? this.#pick(COMMANDS)
      : { method: 'GET', path: `/fapi/v1/${this.#pick(READS)}`, params: { symbol: 'BTCUSDT' } };
    const changed: Record<string, string> = { ...params };
    for (const name of PARAM_NAMES) if (this.#random() < 0.08) changed[name] = this.#pick(WORDS);
    for (const name of Object.keys(params)) if (this.#random() < 0.06) delete changed[name];
    if (path === ORDER && method === 'POST') changed['newClientOrderId'] = placedAs;
    if (path === '/fapi/v1/algoOrder' && method === 'POST') changed['clientAlgoId'] = placedAs;
    const query = signed(this.#stamped(encode(changed)));
    return { kind: `${method} ${path}`, bytes: write({ method, target: `${path}?${query}` }), placedAs };
  }

  readonly #faults: Readonly<Record<string, (base: Base) => Omit<FuzzedRequest, 'kind'>>> = {
    'forged signature': (base: Base) => {
      const query = this.#stamped(encode(base.params));
      const real = signatureOf(query);
      const forged = this.#pick([
        '',
        'signature',
        real.slice(1),
        `${real}00`,
        real.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
        signatureOf(`${query} `),
        Buffer.from(real, 'hex').toString('base64'),
        '%',
        '🚀',
      ]);
      return this.#write(base, `${query}&signature=${Buffer.from(forged).toString('latin1')}`);
    },
    'no signature': (base: Base) => this.#write(base, this.#stamped(encode(base.params))),
    'wrong time': (base: Base) => {
      const text = this.#pick([
        '0',
        '-1',
        'NaN',
        '1e999',
        '',
        'now',
        String(this.#nowMs - 60_001),
        String(this.#nowMs + 1_000),
        '9'.repeat(30),
      ]);
      return this.#write(base, signed(`${encode(base.params)}&recvWindow=60000&timestamp=${text}`));
    },
    'wrong window': (base: Base) => {
      const text = this.#pick(['0', '-5', '60001', '1e9', 'NaN', '']);
      return this.#write(base, signed(`${encode(base.params)}&recvWindow=${text}&timestamp=${this.#nowMs}`));
    },
    'no time': (base: Base) => this.#write(base, signed(encode(base.params))),
    'wrong key': (base: Base) => {
      const key = this.#pick([
        '',
        'x',
        'k'.repeat(64),
        `${API_KEY}0`,
        API_KEY.slice(1),
        'ключ',
        '\u0001',
        'a'.repeat(5_000),
      ]);
      const headers = this.#pick([
        [],
        [`X-MBX-APIKEY: ${key}`],
        [`X-MBX-APIKEY: ${API_KEY}`, `X-MBX-APIKEY: ${API_KEY}`],
      ]);
      return this.#write(base, signed(this.#stamped(encode(base.params))), headers);
    },
    'changed after signing': (base: Base) => {
      const query = signed(this.#stamped(encode(base.params)));
      const at = Math.floor(this.#random() * query.indexOf('&signature='));
      const other = query[at] === 'x' ? 'y' : 'x';
      return this.#write(base, query.slice(0, at) + other + query.slice(at + 1));
    },
    'sent twice': (base: Base) => {
      const name = this.#pick(Object.keys(base.params));
      return this.#write(base, signed(this.#stamped(`${encode(base.params)}&${name}=1`)));
    },
    'no quantity': ({ path, method }: Base) => {
      const { params } = COMMANDS[path === ORDER && method === 'POST' ? 0 : 9] as Base;
      const quantity = this.#pick(NO_QUANTITIES);
      const target = path === ORDER && method === 'POST' ? ORDER : '/fapi/v1/algoOrder';
      return this.#write(
        { method: 'POST', path: target, params },
        signed(this.#stamped(encode({ ...params, quantity }))),
      );
    },
    'broken escape': (base: Base) => {
      const broken = this.#pick(['%', '%E0%A4%A', '%ff', '%zz', '%u0041']);
      return this.#write(base, signed(this.#stamped(`${encode(base.params)}&note=${broken}`)));
    },
    'bytes that are no text': (base: Base) => {
      const bytes = Array.from({ length: 6 }, () => String.fromCharCode(128 + Math.floor(this.#random() * 128))).join(
        '',
      );
      const params = {
        ...base.params,
        ...(base.params['symbol'] === undefined ? { clientAlgoId: 'X' } : { symbol: 'X' }),
      };
      const query = signed(this.#stamped(encode(params).replace('=X', `=${bytes}`)));
      if (this.#random() < 0.3) return this.#write(base, query);
      const headers = [`X-MBX-APIKEY: ${API_KEY}`, 'Content-Type: application/x-www-form-urlencoded'];
      return { bytes: write({ method: base.method, target: base.path, headers, body: query }) };
    },
    'wrong method': (base: Base) => {
      const method = this.#pick(['PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'FOO', 'get', '']);
      const bytes = write({ method, target: `${base.path}?${signed(this.#stamped(encode(base.params)))}` });
      return { bytes, isHead: method === 'HEAD', isLast: true };
    },
    'unknown path': (base: Base) => {
      const path = this.#pick([
        '/fapi/',
        '/fapi/v1',
        '/fapi/v9/order',
        `${base.path}/`,
        `${base.path}/../order`,
        '/fapi/v1/ORDER',
        '/fapi/v1/order;x',
        `/fapi//v1/order`,
        '/fapi/v1/%6Frder',
        '/fapi/__proto__',
      ]);
      return { bytes: write({ method: base.method, target: `${path}?${signed(this.#stamped(encode(base.params)))}` }) };
    },
    'another body type': (base: Base) => {
      const form = signed(this.#stamped(encode(base.params)));
      const [type, body] = this.#pick([
        ['application/json', JSON.stringify(base.params)],
        ['application/json', form],
        ['text/plain', form],
        ['multipart/form-data; boundary=x', `--x\r\n\r\n${form}\r\n--x--`],
        ['application/x-www-form-urlencodedx', form],
      ] as const);
      const headers = [`X-MBX-APIKEY: ${API_KEY}`, `Content-Type: ${type}`];
      return { bytes: write({ method: base.method, target: base.path, headers, body }) };
    },
    giant: (base: Base) => {
      const filler = 'a'.repeat(20_000 + Math.floor(this.#random() * 80_000));
      const query = signed(this.#stamped(encode(base.params)));
      const target = `${base.path}?${query}`;
      const headers = [`X-MBX-APIKEY: ${API_KEY}`, 'Content-Type: application/x-www-form-urlencoded'];
      return this.#pick([
        {
          bytes: write({
            method: 'POST',
            target: base.path,
            headers,
            body: `note=${filler}${filler}${filler}${filler}&${query}`,
          }),
        },
        { bytes: write({ method: base.method, target: `${target}&note=${filler}` }), isLast: true },
        { bytes: write({ method: base.method, target, headers: [...headers, `X-Note: ${filler}`] }), isLast: true },
      ]);
    },
    'no HTTP': () => {
      const length = 1 + Math.floor(this.#random() * 200);
      const noise = Buffer.from(Array.from({ length }, () => Math.floor(this.#random() * 256)));
      const head = this.#pick([
        '',
        'GET ',
        'POST /fapi/v1/order HTTP/1.1\r\n',
        'POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Length: 7\r\n\r\n',
        'POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
        '\u0016\u0003\u0001',
        'GET /fapi/v1/time HTTP/9.9\r\n\r\n',
      ]);
      return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), noise]), isLast: true };
    },
  };

  #stamped(query: string): string {
    return `${query}&recvWindow=60000&timestamp=${this.#nowMs}`;
  }

  #write({ method, path }: Base, query: string, headers?: readonly string[]) {
    const target = `${path}?${query}`;
    return { bytes: write({ method, target, ...(headers === undefined ? {} : { headers }) }) };
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}
