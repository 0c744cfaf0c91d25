import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Candle, INTERVAL_MS, type Interval } from '@qt/contracts';
import { type Decimal, dec, floorToStep, sum, ZERO } from '@qt/kernel';
import { eventually } from '@qt/testing';
import type {
  ExchangePort,
  Instrument,
  SubmitOrder,
  UserStreamHandlers,
  VenueFill,
  VenueOrder,
  VenueStream,
} from '../../src/index.ts';

/** A venue that the suite may trade on: an empty account with money, no open position, one-way mode. */
export interface ConformanceVenue {
  readonly exchange: ExchangePort;
  readonly symbol: string;
  readonly interval: Interval;
  /** Lets the market live through one more candle; resolves once the streams have delivered what happened. */
  playCandle(): Promise<void>;
  stop(): Promise<void>;
}

type OrderUpdate = Parameters<UserStreamHandlers['onOrder']>[0];

const START_DEADLINE_MS = 60_000;
const MOST_CANDLES_TO_A_TRIGGER = 400;

/** What every `ExchangePort` promises, said once, for every implementation. */
export const describeExchangePort = (name: string, startVenue: () => Promise<ConformanceVenue>): void => {
  describe(`ExchangePort: ${name}`, () => {
    let venue: ConformanceVenue;
    let exchange: ExchangePort;
    let instrument: Instrument;
    let markPrice: Decimal = ZERO;
    const candles: Candle[] = [];
    const updates: OrderUpdate[] = [];
    const setupChanges: string[] = [];
    const opened: string[] = [];
    const streams: VenueStream[] = [];
    let count = 0;

    const nextId = (leg: string): string => `q1-01JQZX5A3V8W9Y7B6C4D2E1F0G-${leg}${(count += 1)}`;
    const aQuantity = (notionalUsdt = 500): Decimal =>
      floorToStep(dec(notionalUsdt).div(markPrice), instrument.quantityStep);
    const aPrice = (ratio: number): Decimal => floorToStep(markPrice.times(ratio), instrument.priceStep);
    const anOrder = (overrides: Partial<SubmitOrder> = {}): SubmitOrder => ({
      clientOrderId: nextId('E'),
      symbol: venue.symbol,
      side: 'buy',
      orderType: 'market',
      quantity: aQuantity(),
      price: null,
      timeInForce: null,
      isReduceOnly: false,
      closesPosition: false,
      ...overrides,
    });
    const aStop = (ratio: number): SubmitOrder =>
      anOrder({
        clientOrderId: nextId('S'),
        side: 'sell',
        orderType: 'stop_market',
        quantity: null,
        price: aPrice(ratio),
        closesPosition: true,
      });
    const place = async (command: SubmitOrder): Promise<VenueOrder> => {
      const outcome = await exchange.submit(command);
      if (outcome.kind !== 'placed') throw new Error(`not placed: ${JSON.stringify(outcome)}`);
      return outcome.order;
    };
    const updatesOf = (clientOrderId: string): readonly OrderUpdate[] =>
      updates.filter(({ order }) => order.clientOrderId === clientOrderId);
    const flatten = async (): Promise<void> => {
      for (const position of await exchange.positions()) {
        const side = position.signedQuantity.gt(0) ? 'sell' : 'buy';
        await place(
          anOrder({ clientOrderId: nextId('X'), side, quantity: position.signedQuantity.abs(), isReduceOnly: true }),
        );
      }
    };

    beforeAll(async () => {
      venue = await startVenue();
      exchange = venue.exchange;
      const found = (await exchange.instruments()).find(({ symbol }) => symbol === venue.symbol);
      if (found === undefined) throw new Error(`${venue.symbol} is not among the instruments`);
      instrument = found;
      streams.push(
        await exchange.openMarketStream({
          symbols: [venue.symbol],
          interval: venue.interval,
          handlers: {
            onCandle: (candle) => void candles.push(candle),
            onMark: (mark) => {
              markPrice = mark.markPrice;
            },
            onOpened: () => void opened.push('market'),
            onLost: () => undefined,
          },
        }),
        await exchange.openUserStream({
          onOrder: (update) => void updates.push(update),
          onAccount: () => undefined,
          onSetupChanged: ({ symbol, what }) => void setupChanges.push(`${symbol} ${what}`),
          onOpened: () => void opened.push('user'),
          onLost: () => undefined,
        }),
      );
      await venue.playCandle();
      await eventually(() => markPrice.gt(0));
    }, START_DEADLINE_MS);

    afterAll(async () => {
      await exchange.close();
      await venue.stop();
    }, START_DEADLINE_MS);

    it('opens both streams and says so', () => {
      expect(opened.toSorted()).toEqual(['market', 'user']);
      for (const stream of streams) expect(stream.health().isConnected).toBe(true);
    });

    it('names instruments with filters that an order can be made to fit', () => {
      expect(instrument.status).toBe('trading');
      const { priceStep, quantityStep, minQuantity, maxQuantity, minNotionalUsdt } = instrument;
      for (const value of [priceStep, quantityStep, minQuantity, minNotionalUsdt]) expect(value.gt(0)).toBe(true);
      expect(maxQuantity.gt(minQuantity)).toBe(true);
      expect(instrument.maintenanceMarginRatio.gt(0) && instrument.maintenanceMarginRatio.lt(1)).toBe(true);
    });

    it('answers with closed candles, in order, without the end', async () => {
      await venue.playCandle();
      const lengthMs = INTERVAL_MS[venue.interval];
      const endMs = Math.floor(exchange.nowMs() / lengthMs) * lengthMs;
      const query = { symbol: venue.symbol, interval: venue.interval, startMs: endMs - 2 * lengthMs };
      const found = await exchange.candles({ ...query, endMs: endMs + 5 * lengthMs });
      expect(found.map(({ openTimeMs }) => openTimeMs)).toEqual([endMs - 2 * lengthMs, endMs - lengthMs]);
      expect((await exchange.candles({ ...query, endMs: endMs - lengthMs })).length).toBe(1);
      // What the stream said is what REST says, character by character.
      await eventually(() => candles.some(({ openTimeMs }) => openTimeMs === endMs - lengthMs));
      expect(candles.find(({ openTimeMs }) => openTimeMs === endMs - lengthMs)).toEqual(found[1]);
    });

    it('is in one-way mode, and sets leverage and margin type of a symbol', async () => {
      expect(await exchange.isHedgeMode()).toBe(false);
      await exchange.setMarginType(venue.symbol, 'isolated');
      await exchange.setMarginType(venue.symbol, 'isolated');
      await exchange.setLeverage(venue.symbol, 3);
      expect(await exchange.setup(venue.symbol)).toEqual({ symbol: venue.symbol, leverage: 3, marginType: 'isolated' });
      await eventually(() => setupChanges.includes(`${venue.symbol} leverage`));
    });

    it('fills a market order once, and every source tells the same of it', async () => {
      const before = await exchange.account();
      const sinceMs = exchange.nowMs();
      const command = anOrder();
      const order = await place(command);
      expect(order).toMatchObject({
        book: 'plain',
        state: 'filled',
        clientOrderId: command.clientOrderId,
        side: 'buy',
      });
      expect(order.executedQuantity.eq(command.quantity ?? ZERO)).toBe(true);

      const lookup = await exchange.order({
        symbol: venue.symbol,
        book: 'plain',
        clientOrderId: command.clientOrderId,
      });
      expect(lookup.kind === 'found' && lookup.order.venueOrderId).toBe(order.venueOrderId);
      const fills = await exchange.fills({ symbol: venue.symbol, venueOrderId: order.venueOrderId });
      expect(sum(fills.map(({ quantity }) => quantity)).eq(order.executedQuantity)).toBe(true);

      const streamed = await eventually(() => {
        const found = updatesOf(command.clientOrderId).flatMap(({ fill }): VenueFill[] =>
          fill === null ? [] : [fill],
        );
        return found.length === fills.length ? found : false;
      });
      expect(streamed).toEqual(fills.map((fill) => ({ ...fill, clientOrderId: command.clientOrderId })));

      const [position] = await exchange.positions();
      expect(position?.signedQuantity.eq(order.executedQuantity)).toBe(true);
      const fees = sum(fills.map(({ fee }) => fee));
      const after = await exchange.account();
      expect(before.walletUsdt.minus(after.walletUsdt).eq(fees)).toBe(true);
      const booked = (await exchange.income({ startMs: sinceMs })).filter(
        ({ incomeType }) => incomeType === 'COMMISSION',
      );
      expect(
        sum(booked.map(({ amount }) => amount))
          .neg()
          .eq(fees),
      ).toBe(true);

      const lastFill = fills.at(-1);
      expect(await exchange.fills({ symbol: venue.symbol, afterFillId: lastFill?.venueFillId ?? '' })).toEqual([]);
      await flatten();
      expect(await exchange.positions()).toEqual([]);
    });

    it('expires an immediate-or-cancel order that nobody meets', async () => {
      const order = await place(anOrder({ orderType: 'limit', price: aPrice(0.97), timeInForce: 'ioc' }));
      expect(order.state).toBe('expired');
      expect(order.executedQuantity.isZero()).toBe(true);
      expect(await exchange.positions()).toEqual([]);
    });

    it('rests a limit order in the plain book until it is canceled, once', async () => {
      const command = anOrder({
        orderType: 'limit',
        price: aPrice(0.9),
        timeInForce: 'gtc',
        quantity: aQuantity(1_000),
      });
      const ref = { symbol: venue.symbol, book: 'plain', clientOrderId: command.clientOrderId } as const;
      expect((await place(command)).state).toBe('accepted');
      expect((await exchange.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual([command.clientOrderId]);
      expect(await exchange.submit(command)).toMatchObject({ kind: 'not_placed', reason: 'duplicate' });
      expect((await exchange.cancel(ref)).kind).toBe('canceled');
      expect(await exchange.cancel(ref)).toEqual({ kind: 'not_open' });
      expect(await exchange.openOrders()).toEqual([]);
      const lookup = await exchange.order(ref);
      expect(lookup.kind === 'found' && lookup.order.state).toBe('canceled');
      await eventually(
        () =>
          updatesOf(command.clientOrderId)
            .map(({ order }) => order.state)
            .join() === 'accepted,canceled',
      );
    });

    it('keeps a stop in the conditional book under our id until it is canceled, once', async () => {
      await place(anOrder());
      const command = aStop(0.8);
      const ref = { symbol: venue.symbol, book: 'conditional', clientOrderId: command.clientOrderId } as const;
      const stop = await place(command);
      expect(stop).toMatchObject({
        book: 'conditional',
        state: 'accepted',
        closesPosition: true,
        actualVenueOrderId: null,
      });
      expect(stop.clientOrderId).toBe(command.clientOrderId);
      expect((await exchange.openOrders()).map(({ book, clientOrderId }) => [book, clientOrderId])).toEqual([
        ['conditional', command.clientOrderId],
      ]);
      const lookup = await exchange.order(ref);
      expect(lookup.kind === 'found' && lookup.order.price?.eq(command.price ?? ZERO)).toBe(true);
      expect((await exchange.cancel(ref)).kind).toBe('canceled');
      expect(await exchange.cancel(ref)).toEqual({ kind: 'not_open' });
      expect(await exchange.openOrders()).toEqual([]);
      await eventually(
        () =>
          updatesOf(command.clientOrderId)
            .map(({ order }) => order.state)
            .join() === 'accepted,canceled',
      );
      await flatten();
    });

    it('links a triggered stop to the order that closed the position', async () => {
      await place(anOrder());
      const stop = aStop(0.997);
      const target = { ...aStop(1.003), clientOrderId: nextId('T'), orderType: 'take_profit_market' } as const;
      await place(stop);
      await place(target);
      for (let candle = 0; candle < MOST_CANDLES_TO_A_TRIGGER; candle += 1) {
        await venue.playCandle();
        if ((await exchange.positions()).length === 0) break;
      }
      expect(await exchange.positions()).toEqual([]);
      const lookups = await Promise.all(
        [stop, target].map(({ clientOrderId }) =>
          exchange.order({ symbol: venue.symbol, book: 'conditional', clientOrderId }),
        ),
      );
      const triggered = lookups.flatMap((lookup) =>
        lookup.kind === 'found' && lookup.order.state === 'triggered' ? [lookup.order] : [],
      );
      expect(triggered.length).toBe(1);
      const [command] = triggered as [VenueOrder];
      const actualId = command.actualVenueOrderId ?? '';
      const fills = await exchange.fills({ symbol: venue.symbol, venueOrderId: actualId });
      expect(fills.length).toBeGreaterThan(0);
      await eventually(() =>
        updatesOf(command.clientOrderId).some(({ order }) => order.actualVenueOrderId === actualId),
      );
      await eventually(() => updates.some(({ order, fill }) => order.venueOrderId === actualId && fill !== null));
      for (const { symbol, book, clientOrderId } of await exchange.openOrders()) {
        await exchange.cancel({ symbol, book, clientOrderId });
      }
    });

    it('says what the venue refuses, with its code', async () => {
      await place(anOrder());
      expect(await exchange.submit(aStop(1.05))).toMatchObject({
        kind: 'not_placed',
        reason: 'rejected',
        venueCode: -2021,
      });
      await flatten();
      const tooSmall = anOrder({
        quantity: instrument.minQuantity,
        orderType: 'limit',
        timeInForce: 'gtc',
        price: aPrice(0.95),
      });
      const isBelowMinimum = instrument.minQuantity.times(aPrice(0.95)).lt(instrument.minNotionalUsdt);
      if (isBelowMinimum)
        expect(await exchange.submit(tooSmall)).toMatchObject({ kind: 'not_placed', venueCode: -4164 });
      expect(await exchange.submit(anOrder({ isReduceOnly: true }))).toMatchObject({
        kind: 'not_placed',
        venueCode: -2022,
      });
      expect(await exchange.submit(anOrder({ symbol: 'NOSUCHUSDT' }))).toMatchObject({
        kind: 'not_placed',
        venueCode: -1121,
      });
    });

    it.each(['plain', 'conditional'] as const)(
      'finds nothing under an id that it has never seen, %s book',
      async (book) => {
        const ref = { symbol: venue.symbol, book, clientOrderId: nextId('E') };
        expect(await exchange.order(ref)).toEqual({ kind: 'not_found' });
        expect(await exchange.cancel(ref)).toEqual({ kind: 'not_open' });
      },
    );

    it('refuses reads it cannot answer with an AppError', async () => {
      await expect(exchange.fills({ symbol: 'NOSUCHUSDT' })).rejects.toMatchObject({
        code: 'VENUE_REJECTED',
        retryable: false,
      });
    });
  });
};
