import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { wallClock } from '@qt/kernel';
import { realPayloads, silentLogger } from '@qt/testing';
import { createBinanceExchange, createLocalWeightBudget, type ExchangePort } from '../../src/index.ts';
import { classifySubmitFailure } from '../../src/submit-failure.ts';
import { startTinyVenue, type TinyVenue } from './tiny-venue.ts';

const recorded = (path: string): string => readFileSync(realPayloads(path), 'utf8');

describe('answers recorded from the real venue', () => {
  let venue: TinyVenue;
  let exchange: ExchangePort;

  beforeEach(async () => {
    venue = await startTinyVenue();
    exchange = createBinanceExchange({
      restUrl: venue.restUrl,
      wsUrl: venue.wsUrl,
      clock: wallClock,
      marketClock: null,
      orderDeadlineMs: 5_000,
      requestDeadlineMs: 5_000,
      recvWindowMs: 2_500,
      weightBudget: createLocalWeightBudget({ clock: wallClock }),
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await exchange.close();
    await venue.close();
  });

  it('reads the whole exchangeInfo of 2026-07: perpetuals with ASCII symbols only', async () => {
    const body = recorded('rest/noahark/20260703T051738Z_fapi-v1-exchangeInfo.json');
    venue.script('GET /fapi/v1/exchangeInfo', { status: 200, body });
    const instruments = await exchange.instruments();
    expect(instruments.length).toBeGreaterThan(300);
    const bitcoin = instruments.find(({ symbol }) => symbol === 'BTCUSDT');
    expect(bitcoin).toMatchObject({ status: 'trading' });
    const { priceStep, quantityStep, maxQuantity, minNotionalUsdt, maintenanceMarginRatio } = bitcoin!;
    expect([priceStep, quantityStep, maxQuantity, minNotionalUsdt, maintenanceMarginRatio].map(String)).toEqual([
      '0.1',
      '0.001',
      '120', // the market filter is tighter than the limit filter's 1000
      '50',
      '0.025',
    ]);
    expect(instruments.filter(({ symbol }) => !/^[A-Z0-9]+$/.test(symbol))).toEqual([]);
  });

  it.each(
    recorded('errors/errors_real.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: number; raw: string; url: string })
      .filter(({ url }) => !url.startsWith('DELETE')),
  )('knows what $raw means', ({ status, raw }) => {
    const outcome = classifySubmitFailure({ kind: 'answered', httpStatus: status, body: raw, retryAfterMs: null }, 0);
    const { code } = JSON.parse(raw) as { code: number };
    const reasons: Readonly<Record<number, string>> = {
      [-1003]: status === 418 ? 'banned' : 'throttled',
      [-1021]: 'clock',
      [-1022]: 'identity',
    };
    expect(outcome).toMatchObject({ kind: 'not_placed', reason: reasons[code] ?? 'rejected', venueCode: code });
  });
});
