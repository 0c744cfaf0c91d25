import { seededRandom } from '@qt/kernel';
import * as peer from 'nodejs-order-book';
import { fixed } from '../services/exchange-simulator/src/domain/fixed.ts';
import { Venue } from '../services/exchange-simulator/src/domain/venue.ts';
import type { PlaceOrder } from '../services/exchange-simulator/src/domain/venue-types.ts';
import { aMarket, type CandleRow, MINUTE_MS, START_MS } from '../services/exchange-simulator/test/venue-builders.ts';

// How many orders per second one symbol of the venue takes in process, with everything a real order brings: filters, margin, fees, positions,
// wallets and ledger records; nobody listens and the ledger goes nowhere. Beside it, the same flow through two books without any of that:
// the npm package nodejs-order-book, and the least a book can be (a map of queues and a sorted array of prices, numbers only).

const ROUNDS = 5;
const COMMANDS = 200_000;
const ACCOUNTS = 8;
const AIM_ORDERS_PER_SECOND = 200_000;
/** So often the market moves on, and the house with it. */
const COMMANDS_PER_STEP = 20_000;

type Command =
  | {
      readonly kind: 'limit';
      readonly account: string;
      readonly id: string;
      readonly order: PlaceOrder;
      readonly side: 'buy' | 'sell';
      readonly size: number;
      readonly price: number;
    }
  | {
      readonly kind: 'market';
      readonly account: string;
      readonly id: string;
      readonly order: PlaceOrder;
      readonly side: 'buy' | 'sell';
      readonly size: number;
    }
  | { readonly kind: 'cancel'; readonly account: string; readonly id: string };

/** Limit orders around the market, a tenth of them through it; a tenth market orders; the rest cancels, each of an order not yet canceled. */
const makeFlow = (): Command[] => {
  const random = seededRandom(11);
  const sent: { account: string; id: string }[] = [];
  const symbol = 'ETHUSDT';
  return Array.from({ length: COMMANDS }, (_, index): Command => {
    const account = `account-${Math.floor(random() * ACCOUNTS)}`;
    const id = `o${index}`;
    const dice = random();
    const isBuy = random() < 0.5;
    const side = isBuy ? 'buy' : 'sell';
    const size = (20 + Math.floor(random() * 200)) / 1_000;
    const common = { symbol, side: isBuy ? 'BUY' : 'SELL', quantity: size.toFixed(3), clientOrderId: id } as const;
    if (dice < 0.45 || sent.length < 100) {
      const away = random() < 0.1 ? -40 - Math.floor(random() * 40) : 60 + Math.floor(random() * 300);
      const price = 2_000 - ((isBuy ? 1 : -1) * away) / 100;
      sent.push({ account, id });
      const order = { ...common, type: 'LIMIT', timeInForce: 'GTC', price: price.toFixed(2) } as const;
      return { kind: 'limit', account, id, order, side, size, price };
    }
    if (dice < 0.55) return { kind: 'market', account, id, order: { ...common, type: 'MARKET' }, side, size };
    const [old] = sent.splice(Math.floor(random() * Math.min(sent.length, 60)), 1);
    return { kind: 'cancel', account: old?.account ?? account, id: old?.id ?? id };
  });
};

const flow = makeFlow();

interface Round {
  readonly perSecond: number;
  readonly trades: number;
}

const timed = (run: (command: Command, index: number) => void, trades: () => number): Round => {
  const startedAt = performance.now();
  flow.forEach(run);
  return { perSecond: COMMANDS / ((performance.now() - startedAt) / 1_000), trades: trades() };
};

const CALM: CandleRow = ['2000', '2010', '1990', '2000', '20000'];

const throughVenue = (): Round => {
  let records = 0;
  const venue = new Venue({
    seed: 3,
    market: aMarket({ ETHUSDT: [CALM, CALM] }),
    speed: 'stepped',
    ledger: () => {
      records += 1;
    },
  });
  for (let index = 0; index < ACCOUNTS; index += 1) {
    venue.openAccount({ accountId: `account-${index}`, startBalance: fixed('1000000000') });
  }
  return timed(
    (command, index) => {
      if (index % COMMANDS_PER_STEP === 0) venue.advance(START_MS + (index / COMMANDS) * MINUTE_MS);
      if (command.kind === 'cancel') {
        venue.cancelOrder(command.account, { symbol: 'ETHUSDT', clientOrderId: command.id });
      } else {
        const answer = venue.placeOrder(command.account, command.order);
        if (answer.kind === 'refused') throw new Error(`${answer.code} ${answer.msg}`);
      }
    },
    () => (records > COMMANDS ? venue.state().fills : 0),
  );
};

const throughPeer = (): Round => {
  const book = new peer.OrderBook();
  let trades = 0;
  return timed(
    (command) => {
      if (command.kind === 'cancel') {
        book.cancel(command.id);
        return;
      }
      const { id, size } = command;
      const side = command.side === 'buy' ? peer.Side.BUY : peer.Side.SELL;
      const done =
        command.kind === 'limit' ? book.limit({ id, side, size, price: command.price }) : book.market({ side, size });
      trades += done.done.length;
    },
    () => trades,
  );
};

interface BareOrder {
  readonly id: string;
  readonly isBuy: boolean;
  readonly tick: number;
  left: number;
}

/** Orders by price in maps of insertion order, prices in sorted arrays with the best at the end. */
class BareBook {
  readonly #orders = new Map<string, BareOrder>();
  readonly #queues = {
    buy: new Map<number, Map<string, BareOrder>>(),
    sell: new Map<number, Map<string, BareOrder>>(),
  };
  readonly #ticks: { readonly buy: number[]; readonly sell: number[] } = { buy: [], sell: [] };
  trades = 0;

  place(id: string, side: 'buy' | 'sell', size: number, tick: number | null): void {
    const isBuy = side === 'buy';
    const other = isBuy ? 'sell' : 'buy';
    const ticks = this.#ticks[other];
    let left = size;
    while (left > 0) {
      const best = ticks.at(-1);
      if (best === undefined || (tick !== null && (isBuy ? best > tick : best < tick))) break;
      const queue = this.#queues[other].get(best);
      if (queue === undefined) break;
      for (const maker of queue.values()) {
        const traded = Math.min(left, maker.left);
        maker.left -= traded;
        left -= traded;
        this.trades += 1;
        if (maker.left === 0) {
          queue.delete(maker.id);
          this.#orders.delete(maker.id);
        }
        if (left === 0) break;
      }
      if (queue.size === 0) {
        this.#queues[other].delete(best);
        ticks.pop();
      }
    }
    if (left > 0 && tick !== null) this.#rest({ id, isBuy, tick, left });
  }

  cancel(id: string): void {
    const order = this.#orders.get(id);
    if (order === undefined) return;
    const side = order.isBuy ? 'buy' : 'sell';
    this.#orders.delete(id);
    const queue = this.#queues[side].get(order.tick);
    queue?.delete(id);
    if (queue?.size !== 0) return;
    this.#queues[side].delete(order.tick);
    this.#ticks[side].splice(this.#placeOf(side, order.tick), 1);
  }

  #rest(order: BareOrder): void {
    const side = order.isBuy ? 'buy' : 'sell';
    let queue = this.#queues[side].get(order.tick);
    if (queue === undefined) {
      queue = new Map();
      this.#queues[side].set(order.tick, queue);
      this.#ticks[side].splice(this.#placeOf(side, order.tick), 0, order.tick);
    }
    queue.set(order.id, order);
    this.#orders.set(order.id, order);
  }

  #placeOf(side: 'buy' | 'sell', tick: number): number {
    const ticks = this.#ticks[side];
    let [low, high] = [0, ticks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = ticks[middle] ?? 0;
      if (side === 'buy' ? found < tick : found > tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const throughBare = (): Round => {
  const book = new BareBook();
  return timed(
    (command) => {
      if (command.kind === 'cancel') book.cancel(command.id);
      else {
        const tick = command.kind === 'limit' ? Math.round(command.price * 100) : null;
        book.place(command.id, command.side, Math.round(command.size * 1_000), tick);
      }
    },
    () => book.trades,
  );
};

/** The middle of several rounds, taken in turn with the others so that a busy moment strikes all. */
const ways = { venue: throughVenue, peer: throughPeer, bare: throughBare };
const rounds: Record<keyof typeof ways, Round[]> = { venue: [], peer: [], bare: [] };
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const name of ['venue', 'peer', 'bare'] as const) {
    const measured = ways[name]();
    if (round > 0) rounds[name].push(measured);
  }
}
const middle = (name: keyof typeof ways): Round => {
  const sorted = rounds[name].toSorted((one, two) => one.perSecond - two.perSecond);
  return sorted[Math.floor(sorted.length / 2)] ?? { perSecond: 0, trades: 0 };
};
const [venue, other, bare] = [middle('venue'), middle('peer'), middle('bare')];
const rate = (round: Round): number => Math.round(round.perSecond);
const ratio = (round: Round): number => Math.round((venue.perSecond / round.perSecond) * 1_000) / 1_000;
const results = [
  {
    metric: 'matching alone, in process',
    value: rate(venue),
    unit: 'orders/s',
    aim: `${AIM_ORDERS_PER_SECOND}/s`,
    meetsAim: venue.perSecond >= AIM_ORDERS_PER_SECOND,
    note: `limit, market and cancel of ${ACCOUNTS} accounts, with margin, fees and ledger; ${venue.trades} fills of ${COMMANDS}; median of ${ROUNDS}`,
  },
  {
    metric: 'nodejs-order-book, same flow',
    value: rate(other),
    unit: 'orders/s',
    note: `book alone, no money, no house; ${other.trades} makers filled`,
  },
  { metric: 'venue / nodejs-order-book', value: ratio(other), unit: 'ratio' },
  {
    metric: 'bare map and sorted array, same flow',
    value: rate(bare),
    unit: 'orders/s',
    note: `the least a book can be; ${bare.trades} trades`,
  },
  { metric: 'venue / bare book', value: ratio(bare), unit: 'ratio' },
];
process.stdout.write(`${JSON.stringify({ name: 'simulator-matching', results })}\n`);
