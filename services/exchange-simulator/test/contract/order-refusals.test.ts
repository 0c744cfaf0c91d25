import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MARKET_START_MS, SimulatorProcess } from './simulator-process.ts';

type Params = Readonly<Record<string, string | number>>;

const ORDER = '/fapi/v1/order';
const ALGO = '/fapi/v1/algoOrder';
const BATCH = '/fapi/v1/batchOrders';
const MARKET: Params = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010' };
const LIMIT: Params = { ...MARKET, type: 'LIMIT', timeInForce: 'GTC' };
const STOP: Params = {
  symbol: 'BTCUSDT',
  side: 'SELL',
  type: 'STOP_MARKET',
  quantity: '0.010',
  algoType: 'CONDITIONAL',
};
const missing = (name: string): string => `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
const notRequired = (name: string): string => `Parameter '${name}' sent when not required.`;

/** Every row changes a request that would be taken. Prices are shares of the mark, so that they fit any market. */
interface Row {
  readonly name: string;
  readonly method?: 'POST' | 'PUT' | 'DELETE' | 'GET';
  readonly path: string;
  readonly params: Params;
  readonly prices?: Readonly<Record<string, number>>;
  readonly code: number;
  readonly msg: string | RegExp;
}

const PLAIN: readonly Row[] = [
  { name: 'no symbol', path: ORDER, params: { ...MARKET, symbol: '' }, code: -1102, msg: missing('symbol') },
  { name: 'no type', path: ORDER, params: { ...MARKET, type: '' }, code: -1102, msg: missing('type') },
  { name: 'odd side', path: ORDER, params: { ...MARKET, side: 'HOLD' }, code: -1117, msg: 'Invalid side.' },
  { name: 'odd type', path: ORDER, params: { ...MARKET, type: 'WISH' }, code: -1116, msg: 'Invalid orderType.' },
  {
    name: 'odd force',
    path: ORDER,
    params: { ...LIMIT, timeInForce: 'NOW' },
    prices: { price: 0.99 },
    code: -1115,
    msg: 'Invalid timeInForce.',
  },
  {
    name: 'odd position side',
    path: ORDER,
    params: { ...MARKET, positionSide: 'UP' },
    code: -4060,
    msg: 'Invalid position side.',
  },
  {
    name: 'odd answer',
    path: ORDER,
    params: { ...MARKET, newOrderRespType: 'FULL' },
    code: -1136,
    msg: 'Invalid newOrderRespType.',
  },
  {
    name: 'odd working type',
    path: ORDER,
    params: { ...MARKET, workingType: 'INDEX' },
    code: -4031,
    msg: 'Invalid parameter working type: INDEX',
  },
  {
    name: 'odd price match',
    path: ORDER,
    params: { ...LIMIT, priceMatch: 'BEST' },
    code: -5037,
    msg: 'Invalid price match',
  },
  {
    name: 'odd self-trade mode',
    path: ORDER,
    params: { ...MARKET, selfTradePreventionMode: 'ALL' },
    code: -5039,
    msg: 'Invalid self trade prevention mode',
  },
  { name: 'no quantity', path: ORDER, params: { ...MARKET, quantity: '' }, code: -1102, msg: missing('quantity') },
  {
    name: 'limit without force',
    path: ORDER,
    params: { ...LIMIT, timeInForce: '' },
    prices: { price: 0.99 },
    code: -1102,
    msg: missing('timeinforce'),
  },
  { name: 'limit without price', path: ORDER, params: LIMIT, code: -1102, msg: missing('price') },
  {
    name: 'market with a price',
    path: ORDER,
    params: MARKET,
    prices: { price: 0.99 },
    code: -1106,
    msg: notRequired('price'),
  },
  {
    name: 'market with a force',
    path: ORDER,
    params: { ...MARKET, timeInForce: 'GTC' },
    code: -1106,
    msg: notRequired('timeinforce'),
  },
  {
    name: 'market with a stop price',
    path: ORDER,
    params: MARKET,
    prices: { stopPrice: 0.99 },
    code: -1106,
    msg: notRequired('stopprice'),
  },
  {
    name: 'closing at market',
    path: ORDER,
    params: { ...MARKET, closePosition: 'true' },
    code: -4136,
    msg: 'Target strategy invalid for orderType MARKET,closePosition true',
  },
  {
    name: 'conditional type',
    path: ORDER,
    params: { ...MARKET, type: 'TRAILING_STOP_MARKET' },
    code: -4120,
    msg: 'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
  },
  {
    name: 'price and price match',
    path: ORDER,
    params: { ...LIMIT, priceMatch: 'QUEUE' },
    prices: { price: 0.99 },
    code: -1106,
    msg: notRequired('price'),
  },
  {
    name: 'market and price match',
    path: ORDER,
    params: { ...MARKET, priceMatch: 'QUEUE' },
    code: -5038,
    msg: 'Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT',
  },
  {
    name: 'GTD without a date',
    path: ORDER,
    params: { ...LIMIT, timeInForce: 'GTD' },
    prices: { price: 0.99 },
    code: -1102,
    msg: missing('goodtilldate'),
  },
  {
    name: 'GTD too near',
    path: ORDER,
    params: { ...LIMIT, timeInForce: 'GTD', goodTillDate: MARKET_START_MS + 600_000 },
    prices: { price: 0.99 },
    code: -5040,
    msg: 'The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than 253402300799000 (UTC 9999-12-31 23:59:59)',
  },
  {
    name: 'a date without GTD',
    path: ORDER,
    params: { ...LIMIT, goodTillDate: MARKET_START_MS + 900_000 },
    prices: { price: 0.99 },
    code: -1106,
    msg: notRequired('goodtilldate'),
  },
  {
    name: 'id too long',
    path: ORDER,
    params: { ...MARKET, newClientOrderId: 'x'.repeat(37) },
    code: -4015,
    msg: 'Client order id length should be less than 36 chars',
  },
  {
    name: 'LOT_SIZE, too little',
    path: ORDER,
    params: { ...LIMIT, quantity: '0' },
    prices: { price: 0.99 },
    code: -4003,
    msg: 'Quantity less than or equal to zero.',
  },
  {
    name: 'LOT_SIZE, too much',
    path: ORDER,
    params: { ...LIMIT, quantity: '1001' },
    prices: { price: 0.99 },
    code: -4005,
    msg: 'Quantity greater than max quantity.',
  },
  {
    name: 'MARKET_LOT_SIZE',
    path: ORDER,
    params: { ...MARKET, quantity: '121' },
    code: -4005,
    msg: 'Quantity greater than max quantity.',
  },
  {
    name: 'quantity too fine',
    path: ORDER,
    params: { ...MARKET, quantity: '0.0105' },
    code: -1111,
    msg: 'Precision is over the maximum defined for this asset.',
  },
  {
    name: 'PRICE_FILTER, least',
    path: ORDER,
    params: { ...LIMIT, price: '0.5' },
    code: -4013,
    msg: 'Price less than min price.',
  },
  {
    name: 'PRICE_FILTER, most',
    path: ORDER,
    params: { ...LIMIT, price: '9999999' },
    code: -4002,
    msg: 'Price greater than max price.',
  },
  {
    name: 'PRICE_FILTER, tick',
    path: ORDER,
    params: { ...LIMIT, price: '40000.05' },
    code: -4014,
    msg: 'Price not increased by tick size.',
  },
  {
    name: 'PERCENT_PRICE, above',
    path: ORDER,
    params: LIMIT,
    prices: { price: 1.2 },
    code: -4016,
    msg: /^Limit price can't be higher than \d+\.\d\d\.$/,
  },
  {
    name: 'PERCENT_PRICE, below',
    path: ORDER,
    params: { ...LIMIT, side: 'SELL' },
    prices: { price: 0.8 },
    code: -4024,
    msg: /^Limit price can't be lower than \d+\.\d\d\.$/,
  },
  {
    name: 'MIN_NOTIONAL',
    path: ORDER,
    params: { ...MARKET, quantity: '0.001' },
    code: -4164,
    msg: "Order's notional must be no smaller than 100 (unless you choose reduce only).",
  },
  {
    name: 'too little margin',
    path: ORDER,
    params: { ...MARKET, quantity: '20' },
    code: -2019,
    msg: 'Margin is insufficient.',
  },
  {
    name: 'nothing to reduce',
    path: ORDER,
    params: { ...MARKET, reduceOnly: 'true' },
    code: -2022,
    msg: 'ReduceOnly Order is rejected.',
  },
  {
    name: 'a side of hedge mode',
    path: ORDER,
    params: { ...MARKET, positionSide: 'LONG' },
    code: -4061,
    msg: "Order's position side does not match user's setting.",
  },
  {
    name: 'cancel without an id',
    method: 'DELETE',
    path: ORDER,
    params: { symbol: 'BTCUSDT' },
    code: -1102,
    msg: "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
  },
  {
    name: 'cancel of nothing',
    method: 'DELETE',
    path: ORDER,
    params: { symbol: 'BTCUSDT', orderId: 7 },
    code: -2011,
    msg: 'Unknown order sent.',
  },
  {
    name: 'query of nothing',
    method: 'GET',
    path: ORDER,
    params: { symbol: 'BTCUSDT', orderId: 7 },
    code: -2013,
    msg: 'Order does not exist.',
  },
  {
    name: 'open order of nothing',
    method: 'GET',
    path: '/fapi/v1/openOrder',
    params: { symbol: 'BTCUSDT', orderId: 7 },
    code: -2013,
    msg: 'Order does not exist.',
  },
  {
    name: 'change of nothing',
    method: 'PUT',
    path: ORDER,
    params: { symbol: 'BTCUSDT', orderId: 7, side: 'BUY', quantity: '1', price: '40000' },
    code: -2013,
    msg: 'Order does not exist.',
  },
  {
    name: 'change without a price',
    method: 'PUT',
    path: ORDER,
    params: { symbol: 'BTCUSDT', orderId: 7, side: 'BUY', quantity: '1' },
    code: -1102,
    msg: missing('price'),
  },
  {
    name: 'change without a side',
    method: 'PUT',
    path: ORDER,
    params: { symbol: 'BTCUSDT', orderId: 7, quantity: '1', price: '40000' },
    code: -1102,
    msg: missing('side'),
  },
  {
    name: 'too large a batch',
    path: BATCH,
    params: { batchOrders: JSON.stringify(Array.from({ length: 6 }, () => MARKET)) },
    code: -4082,
    msg: 'Invalid number of batch place orders: 6',
  },
  {
    name: 'a batch that is no list',
    path: BATCH,
    params: { batchOrders: '{}' },
    code: -1130,
    msg: "Data sent for parameter 'batchOrders' is not valid.",
  },
  { name: 'no batch', path: BATCH, params: {}, code: -1102, msg: missing('batchorders') },
  {
    name: 'too many cancels',
    method: 'DELETE',
    path: BATCH,
    params: { symbol: 'BTCUSDT', orderIdList: '[1,2,3,4,5,6,7,8,9,10,11]' },
    code: -4032,
    msg: 'Exceed maximum cancel order size.',
  },
  {
    name: 'cancels of nothing',
    method: 'DELETE',
    path: BATCH,
    params: { symbol: 'BTCUSDT' },
    code: -1102,
    msg: "Param 'orderIdList' or 'origClientOrderIdList' must be sent, but both were empty/null!",
  },
  {
    name: 'trades by id and time',
    method: 'GET',
    path: '/fapi/v1/userTrades',
    params: { symbol: 'BTCUSDT', fromId: 1, startTime: MARKET_START_MS },
    code: -1128,
    msg: 'Combination of optional parameters invalid.',
  },
  {
    name: 'orders of more than a week',
    method: 'GET',
    path: '/fapi/v1/allOrders',
    params: { symbol: 'BTCUSDT', startTime: MARKET_START_MS - 700_000_000, endTime: MARKET_START_MS },
    code: -4165,
    msg: 'Invalid time interval',
  },
];

const CONDITIONAL: readonly Row[] = [
  { name: 'no algo type', path: ALGO, params: { ...STOP, algoType: '' }, code: -1102, msg: missing('algotype') },
  {
    name: 'odd algo type',
    path: ALGO,
    params: { ...STOP, algoType: 'VP' },
    code: -1130,
    msg: "Data sent for parameter 'algoType' is not valid.",
  },
  { name: 'plain type', path: ALGO, params: { ...STOP, type: 'LIMIT' }, code: -1116, msg: 'Invalid orderType.' },
  { name: 'no trigger', path: ALGO, params: STOP, code: -1102, msg: missing('triggerprice') },
  {
    name: 'stopPrice, its old name',
    path: ALGO,
    params: STOP,
    prices: { stopPrice: 0.99 },
    code: -1102,
    msg: missing('triggerprice'),
  },
  {
    name: 'no quantity',
    path: ALGO,
    params: { ...STOP, quantity: '' },
    prices: { triggerPrice: 0.99 },
    code: -1105,
    msg: "Parameter 'quantity' was empty.",
  },
  {
    name: 'trigger passed',
    path: ALGO,
    params: STOP,
    prices: { triggerPrice: 1.01 },
    code: -2021,
    msg: 'Order would immediately trigger.',
  },
  {
    name: 'odd working type',
    path: ALGO,
    params: { ...STOP, workingType: 'INDEX' },
    prices: { triggerPrice: 0.99 },
    code: -4031,
    msg: 'Invalid parameter working type: INDEX',
  },
  {
    name: 'limit without price',
    path: ALGO,
    params: { ...STOP, type: 'STOP' },
    prices: { triggerPrice: 0.99 },
    code: -1102,
    msg: missing('price'),
  },
  {
    name: 'market with price',
    path: ALGO,
    params: STOP,
    prices: { triggerPrice: 0.99, price: 0.98 },
    code: -1106,
    msg: notRequired('price'),
  },
  {
    name: 'no callback',
    path: ALGO,
    params: { ...STOP, type: 'TRAILING_STOP_MARKET' },
    code: -1102,
    msg: missing('callbackrate'),
  },
  {
    name: 'callback too large',
    path: ALGO,
    params: { ...STOP, type: 'TRAILING_STOP_MARKET', callbackRate: '25' },
    code: -2007,
    msg: 'Invalid callBack rate.',
  },
  {
    name: 'activation passed',
    path: ALGO,
    params: { ...STOP, type: 'TRAILING_STOP_MARKET', callbackRate: '1' },
    prices: { activationPrice: 0.9 },
    code: -2021,
    msg: 'Order would immediately trigger.',
  },
  {
    name: 'closing with reduceOnly',
    path: ALGO,
    params: {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'STOP_MARKET',
      algoType: 'CONDITIONAL',
      closePosition: 'true',
      reduceOnly: 'true',
    },
    prices: { triggerPrice: 0.99 },
    code: -1106,
    msg: notRequired('reduceonly'),
  },
  {
    name: 'closing with a limit',
    path: ALGO,
    params: { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP', algoType: 'CONDITIONAL', closePosition: 'true' },
    prices: { triggerPrice: 0.99, price: 0.98 },
    code: -4136,
    msg: 'Target strategy invalid for orderType STOP,closePosition true',
  },
  {
    name: 'cancel of nothing',
    method: 'DELETE',
    path: ALGO,
    params: { algoId: 7 },
    code: -2011,
    msg: 'Unknown order sent.',
  },
  {
    name: 'cancel without an id',
    method: 'DELETE',
    path: ALGO,
    params: {},
    code: -1102,
    msg: "Param 'clientAlgoId' or 'algoId' must be sent, but both were empty/null!",
  },
  {
    name: 'query of nothing',
    method: 'GET',
    path: ALGO,
    params: { algoId: 7 },
    code: -2013,
    msg: 'Order does not exist.',
  },
];

describe("refusals of order endpoints have Binance's code and text", () => {
  let simulator: SimulatorProcess;
  let mark = 0;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    const { markPrice } = (await simulator.get('/fapi/v1/premiumIndex', { symbol: 'BTCUSDT' })) as {
      markPrice: string;
    };
    mark = Number(markPrice);
  });

  afterAll(async () => {
    const { orders, fills } = await simulator.control<{ orders: number; fills: number }>('GET', 'state');
    expect({ orders, fills }).toEqual({ orders: 0, fills: 0 });
    await simulator.stop();
  });

  it.each([...PLAIN, ...CONDITIONAL])(
    '$path, $name: $code',
    async ({ method = 'POST', path, params, prices = {}, code, msg }) => {
      const priced = Object.entries(prices).map(([name, share]) => [name, (mark * share).toFixed(1)]);
      const reply = await simulator.signed(method, path, { ...params, ...Object.fromEntries(priced) });
      const text = typeof msg === 'string' ? msg : expect.stringMatching(msg);
      expect({ status: reply.status, body: reply.body }).toEqual({ status: 400, body: { code, msg: text } });
    },
  );

  it('each refused placement stands in the ledger', () => {
    const placements = [...PLAIN, ...CONDITIONAL].filter(({ method, path }) => method !== 'GET' && path !== BATCH);
    const rejects = simulator.ledger().filter(({ kind, path }) => kind === 'reject' && path !== BATCH);
    const cancels = placements.filter(({ name }) => name === 'cancel of nothing').length;
    expect(rejects).toHaveLength(placements.length - cancels);
  });
});
