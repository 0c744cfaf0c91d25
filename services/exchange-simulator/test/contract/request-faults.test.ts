import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient, type RawReply } from './raw-client.ts';
import { SimulatorProcess } from './simulator-process.ts';

const ORDER = '/fapi/v1/order';
const WHOLE_JSON = { end: 'whole', headers: { 'content-type': 'application/json;charset=UTF-8' } } as const;
const WHOLE_PAGE = { end: 'whole', headers: { 'content-type': 'text/html' } } as const;

const refused = (status: number, code: number, msg: string) => ({
  ...WHOLE_JSON,
  status,
  body: JSON.stringify({ code, msg }),
});
const nginx = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
const gateway = (msg: string) => ({
  ...WHOLE_JSON,
  status: 503,
  body: expect.stringMatching(new RegExp(`^\\{"timestamp":\\d{13},"path":"${ORDER}","msg":"${msg}"\\}$`)),
});

const UNKNOWN_503 = gateway('Unknown error, please check your request or try again later\\.');
const TIMEOUT = refused(
  408,
  -1007,
  'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
);
const BUS = refused(500, -1006, 'An unexpected response was received from the message bus. Execution status unknown.');

/** What a client sees of each fault, and whether its order is there afterwards. */
const CASES: readonly { rule: { kind: string; executes?: boolean }; sees: object; isPlaced: boolean }[] = [
  { rule: { kind: 'drop_reply' }, sees: { status: 0, body: '', end: 'cut' }, isPlaced: true },
  { rule: { kind: 'never_answer' }, sees: { status: 0, body: '', end: 'open' }, isPlaced: true },
  { rule: { kind: 'never_answer', executes: false }, sees: { status: 0, body: '', end: 'open' }, isPlaced: false },
  { rule: { kind: 'reset' }, sees: { status: 0, body: '', end: 'cut' }, isPlaced: false },
  { rule: { kind: 'reset', executes: true }, sees: { status: 0, body: '', end: 'cut' }, isPlaced: true },
  { rule: { kind: 'error_1007' }, sees: TIMEOUT, isPlaced: true },
  { rule: { kind: 'error_1007', executes: false }, sees: TIMEOUT, isPlaced: false },
  { rule: { kind: 'error_1006' }, sees: BUS, isPlaced: true },
  { rule: { kind: 'error_1006', executes: false }, sees: BUS, isPlaced: false },
  {
    rule: { kind: 'error_1000' },
    sees: refused(500, -1000, 'An unknown error occurred while processing the request.'),
    isPlaced: false,
  },
  {
    rule: { kind: 'error_1000', executes: true },
    sees: refused(500, -1000, 'An unknown error occurred while processing the request.'),
    isPlaced: true,
  },
  {
    rule: { kind: 'error_1001' },
    sees: refused(503, -1001, 'Internal error; unable to process your request. Please try again.'),
    isPlaced: false,
  },
  { rule: { kind: 'error_503' }, sees: UNKNOWN_503, isPlaced: false },
  { rule: { kind: 'error_503', executes: true }, sees: UNKNOWN_503, isPlaced: true },
  { rule: { kind: 'error_503_unavailable' }, sees: gateway('Service Unavailable\\.'), isPlaced: false },
  {
    rule: { kind: 'error_1008' },
    sees: refused(
      503,
      -1008,
      'Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.',
    ),
    isPlaced: false,
  },
  {
    rule: { kind: 'error_1021' },
    sees: refused(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
    isPlaced: false,
  },
  {
    rule: { kind: 'error_403' },
    sees: { ...WHOLE_PAGE, status: 403, body: expect.stringContaining('<H1>403 ERROR</H1>') },
    isPlaced: false,
  },
  {
    rule: { kind: 'error_502' },
    sees: { ...WHOLE_PAGE, status: 502, body: nginx('502 Bad Gateway') },
    isPlaced: false,
  },
  {
    rule: { kind: 'error_504' },
    sees: { ...WHOLE_PAGE, status: 504, body: nginx('504 Gateway Time-out') },
    isPlaced: true,
  },
  {
    rule: { kind: 'error_504', executes: false },
    sees: { ...WHOLE_PAGE, status: 504, body: nginx('504 Gateway Time-out') },
    isPlaced: false,
  },
  { rule: { kind: 'empty_body' }, sees: { ...WHOLE_JSON, status: 200, body: '' }, isPlaced: true },
  {
    rule: { kind: 'malformed_json' },
    sees: { ...WHOLE_JSON, status: 200, body: expect.stringMatching(/^\{"orderId":\d+,[^}]*$/) },
    isPlaced: true,
  },
  {
    rule: { kind: 'reset_mid_body' },
    sees: { status: 200, end: 'cut', body: expect.stringMatching(/^\{"orderId":\d+,[^}]*$/) },
    isPlaced: true,
  },
];

describe('faults of a request, byte by byte', () => {
  let simulator: SimulatorProcess;
  let client: RawClient;
  let sent = 0;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    client = new RawClient(simulator);
  });
  afterEach(() => simulator.control('DELETE', 'faults'));
  afterAll(() => simulator.stop());

  const place = (id: string, more: Record<string, string> = {}): Promise<RawReply> =>
    client.signed('POST', ORDER, {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.010',
      newClientOrderId: id,
      ...more,
    });
  /** What stands in the ledger of an order: the fault first, then what came of the order. */
  const ledgerOf = (id: string): readonly string[] =>
    simulator
      .ledger()
      .filter((record) => record['clientOrderId'] === id && record['kind'] !== 'order_update')
      .map((record) => String(record['fault'] ?? record['kind']));

  it.each(CASES)('$rule.kind, executes: $rule.executes', async ({ rule, sees, isPlaced }) => {
    await simulator.control('POST', 'faults', { method: 'POST', path: ORDER, ...rule });
    const id = `struck-${(sent += 1)}`;
    expect(await place(id)).toMatchObject(sees);
    expect(ledgerOf(id)).toEqual(isPlaced ? [rule.kind, 'order', 'fill'] : [rule.kind]);
    const found = await client.signed('GET', ORDER, { symbol: 'BTCUSDT', origClientOrderId: id });
    expect(JSON.parse(found.body)).toMatchObject(isPlaced ? { status: 'FILLED' } : { code: -2013 });
    expect(await simulator.control('GET', 'faults')).toMatchObject({ rules: [{ kind: rule.kind, struck: 1 }] });
    expect(await place(`next-${sent}`)).toMatchObject({ status: 200, end: 'whole' });
  });

  it('delay_reply: carried out at once, answered late', async () => {
    await simulator.control('POST', 'faults', { kind: 'delay_reply', path: ORDER, delayMs: '1m' });
    expect(await place('slow')).toMatchObject({ status: 0, end: 'open' });
    expect(ledgerOf('slow')).toEqual(['delay_reply', 'order', 'fill']);
  });

  it('late_execution: nothing is known of it until market time has passed, then it happens all the same', async () => {
    await simulator.control('POST', 'faults', { kind: 'late_execution', path: ORDER, method: 'POST', delayMs: '5s' });
    expect(await place('late')).toMatchObject({ status: 0, end: 'open' });
    expect(ledgerOf('late')).toEqual(['late_execution']);
    const { timeMs } = await simulator.state();
    await simulator.control('POST', 'advance', { untilMs: timeMs + 4_999 });
    expect(ledgerOf('late')).toEqual(['late_execution']);
    await simulator.control('POST', 'advance', { untilMs: timeMs + 60_000 });
    expect(ledgerOf('late')).toEqual(['late_execution', 'order', 'fill']);
    expect(
      simulator.ledger().find(({ kind, clientOrderId }) => kind === 'order' && clientOrderId === 'late'),
    ).toMatchObject({ timeMs: timeMs + 5_000 });
  });

  it.each([
    { name: 'reduce-only orders', ask: () => place('exit', { side: 'SELL', reduceOnly: 'true' }) },
    { name: 'cancels', ask: () => client.signed('DELETE', '/fapi/v1/allOpenOrders', { symbol: 'BTCUSDT' }) },
  ])('-1008 lets $name through and goes on waiting', async ({ ask }) => {
    await place(`held-${(sent += 1)}`);
    await simulator.control('POST', 'faults', { kind: 'error_1008' });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await place(`throttled-${sent}`)).toMatchObject({ status: 503 });
  });

  it('a refusal under a fault that carries out is still only a refusal', async () => {
    await simulator.control('POST', 'faults', { kind: 'error_1007', path: ORDER });
    expect(await place('impossible', { quantity: '0.0000001' })).toMatchObject({ status: 408 });
    expect(ledgerOf('impossible')).toEqual(['error_1007', 'reject']);
  });
});
