import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REFUSED_ALGO_ORDERS } from './refused-algo-orders.ts';
import { BATCH, REFUSED_ORDERS } from './refused-orders.ts';
import { SimulatorProcess } from './simulator-process.ts';

const REFUSED = [...REFUSED_ORDERS, ...REFUSED_ALGO_ORDERS];

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

  it.each(REFUSED)('$path, $name: $code', async ({ method = 'POST', path, params, prices = {}, code, msg }) => {
    const priced = Object.entries(prices).map(([name, share]) => [name, (mark * share).toFixed(1)]);
    const reply = await simulator.signed(method, path, { ...params, ...Object.fromEntries(priced) });
    const text = typeof msg === 'string' ? msg : expect.stringMatching(msg);
    expect({ status: reply.status, body: reply.body }).toEqual({ status: 400, body: { code, msg: text } });
  });

  it('each refused placement stands in the ledger', () => {
    const placements = REFUSED.filter(({ method, path }) => method !== 'GET' && path !== BATCH);
    const rejects = simulator.ledger().filter(({ kind, path }) => kind === 'reject' && path !== BATCH);
    const cancels = placements.filter(({ name }) => name === 'cancel of nothing').length;
    expect(rejects).toHaveLength(placements.length - cancels);
  });
});
