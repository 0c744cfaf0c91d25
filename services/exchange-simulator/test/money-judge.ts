import type { AccountView, PositionView, SymbolSpec } from '../src/domain/venue-types.ts';
import { type MoneyModel, type NaiveAccount, naiveEntry, naiveMaintenance, nearest, product } from './money-model.ts';
import { ACCOUNTS, type MoneyRun, SYMBOLS } from './money-run.ts';

const size = (value: bigint): bigint => (value < 0n ? -value : value);
const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);

interface NaiveMargin {
  initial: bigint;
  maintenance: bigint;
  unrealized: bigint;
  available: bigint;
}

interface NaiveMarket {
  readonly marks: ReadonlyMap<string, bigint>;
  readonly specOf: (symbol: string) => SymbolSpec;
  readonly bnbPrice: bigint;
}

/** Returns the margin of naive books at the venue's marks. */
const marginOf = (naive: NaiveAccount, market: NaiveMarket): NaiveMargin => {
  const margin: NaiveMargin = { initial: 0n, maintenance: 0n, unrealized: 0n, available: 0n };
  let free = collateralOf(naive, market);
  for (const symbol of SYMBOLS) {
    const mark = market.marks.get(symbol) ?? 0n;
    const isIsolated = naive.isolatedSymbols.has(symbol);
    let [net, gross, bids, asks] = [0n, 0n, 0n, 0n];
    for (const side of naive.hedgeMode ? ['LONG', 'SHORT'] : ['BOTH']) {
      const { quantity, cost } = naive.position(symbol, side);
      const notional = product(quantity, mark);
      net += notional;
      gross += size(notional);
      margin.maintenance += naiveMaintenance(market.specOf(symbol), notional);
      margin.unrealized += notional - cost;
      if (!isIsolated) free += notional - cost;
    }
    for (const order of naive.orders.values()) {
      if (order.symbol !== symbol || order.reduceOnly) continue;
      const notional = product(order.quantity - order.executed, order.price);
      if (order.side === 'BUY') bids += notional;
      else asks += notional;
    }
    const worst = naive.hedgeMode ? gross + bids + asks : larger(size(net + bids), size(net - asks));
    const leverage = naive.leverage(symbol);
    const ofPosition = nearest(gross, leverage);
    const ofOrders = nearest(larger(worst - gross, 0n), leverage);
    margin.initial += ofPosition + ofOrders;
    free -= ofOrders + (isIsolated ? 0n : ofPosition);
  }
  margin.available = larger(free, 0n);
  return margin;
};

/** What differs between the venue's account and its naive books. */
const differences = (account: AccountView, naive: NaiveAccount, margin: NaiveMargin): string[] => {
  const [usdt, bnb] = account.assets;
  const pairs: (readonly [what: string, venue: bigint, ours: bigint])[] = [
    ['USDT wallet', usdt?.walletBalance ?? 0n, naive.wallets['USDT'] ?? 0n],
    ['BNB wallet', bnb?.walletBalance ?? 0n, naive.wallets['BNB'] ?? 0n],
    ['cross wallet', usdt?.crossWalletBalance ?? 0n, (naive.wallets['USDT'] ?? 0n) - naive.isolatedTotal],
    ['initial margin', account.initialMargin, margin.initial],
    ['maintenance margin', account.maintenanceMargin, margin.maintenance],
    ['unrealized', account.unrealizedPnl, margin.unrealized],
    ['available', account.availableBalance, margin.available],
  ];
  for (const view of account.positions) pairs.push(...positionPairs(view, naive));
  return pairs
    .filter(([, venue, ours]) => venue !== ours)
    .map(([what, venue, ours]) => `${account.accountId}: ${what} is ${venue}, naive books have ${ours}`);
};

const positionPairs = (view: PositionView, naive: NaiveAccount): (readonly [string, bigint, bigint])[] => {
  const ours = naive.position(view.symbol, view.positionSide);
  const name = `${view.symbol} ${view.positionSide}`;
  return [
    [`quantity of ${name}`, view.signedQuantity, ours.quantity],
    [`entry of ${name}`, view.entryPrice, naiveEntry(ours)],
    [`isolated wallet of ${name}`, view.isolatedWallet, ours.isolated],
    [`realized of ${name}`, view.accumulatedRealized, ours.realized],
  ];
};

const judgeConservation = ({ venue }: MoneyRun, views: readonly AccountView[]): string[] =>
  (['USDT', 'BNB'] as const).flatMap((asset) => {
    const house = Object.values(venue.house(asset)).reduce((sum, value) => sum + value, 0n);
    const wallets = views
      .flatMap(({ assets }) => assets)
      .reduce((sum, one) => sum + (one.asset === asset ? one.walletBalance : 0n), 0n);
    const made = house + wallets === 0n ? [] : [`${asset}: ${house + wallets} were made`];
    const isOwing = venue.house(asset).insurance < 0n || (asset === 'BNB' && views.some(owesBnb));
    return isOwing ? [...made, `${asset}: the fund or a BNB wallet is below zero`] : made;
  });

const owesBnb = ({ assets }: AccountView): boolean =>
  assets.some(({ asset, walletBalance }) => asset === 'BNB' && walletBalance < 0n);

/** At a liquidation price, what covers a position is what it must keep: to the rounding of the price itself. */
const judgeLiquidationPrices = (view: AccountView, market: NaiveMarket, naive: NaiveAccount): string[] =>
  view.positions.flatMap((position) => {
    const { symbol, positionSide, liquidationPrice: price } = position;
    if (position.signedQuantity === 0n || price === 0n) return [];
    const isIsolated = naive.isolatedSymbols.has(symbol);
    const sidesOf = (one: string): string[] =>
      (naive.hedgeMode ? ['LONG', 'SHORT'] : ['BOTH']).filter(
        (side) => !isIsolated || (one === symbol && side === positionSide),
      );
    let cover = isIsolated ? naive.position(symbol, positionSide).isolated : collateralOf(naive, market);
    let held = 0n;
    for (const one of SYMBOLS) {
      if (one !== symbol && (isIsolated || naive.isolatedSymbols.has(one))) continue;
      for (const side of sidesOf(one)) {
        const { quantity, cost } = naive.position(one, side);
        const notional = product(quantity, one === symbol ? price : (market.marks.get(one) ?? 0n));
        cover += notional - cost - naiveMaintenance(market.specOf(one), notional);
        if (one === symbol) held += size(quantity);
      }
    }
    const isClose = size(cover) <= nearest(held, 100_000_000n) + 8n;
    return isClose ? [] : [`${view.accountId}: liquidation price ${price} of ${symbol} leaves ${cover}`];
  });

const collateralOf = (naive: NaiveAccount, { bnbPrice }: NaiveMarket): bigint => {
  const bnb = product(product(naive.wallets['BNB'] ?? 0n, bnbPrice), 95_000_000n);
  return (naive.wallets['USDT'] ?? 0n) - naive.isolatedTotal + (naive.multiAssetsMode ? bnb : 0n);
};

const judgeOpen = ({ venue }: MoneyRun, accountId: string, naive: NaiveAccount): string[] => {
  const orders = venue.openOrders(accountId).map(({ orderId }) => orderId);
  const algos = venue.openAlgos(accountId).map(({ algoId }) => algoId);
  const sameOrders = orders.length === naive.orders.size && orders.every((id) => naive.orders.has(id));
  const sameAlgos = algos.length === naive.algos.size && algos.every((id) => naive.algos.has(id));
  return sameOrders && sameAlgos ? [] : [`${accountId}: open orders differ`];
};

/** Returns everything in which the venue and its naive books differ, and every unit of money made or lost. */
export const judge = (run: MoneyRun, bnbPrice: bigint): readonly string[] => {
  const { venue } = run;
  const model: MoneyModel = run.model;
  const specs = new Map(venue.specs().map((spec) => [spec.symbol, spec]));
  const specOf = (symbol: string): SymbolSpec => {
    const spec = specs.get(symbol);
    if (spec === undefined) throw new RangeError(`${symbol} is not listed`);
    return spec;
  };
  const marks = new Map(SYMBOLS.map((symbol) => [symbol as string, venue.mark(symbol).markPrice]));
  const market: NaiveMarket = { marks, specOf, bnbPrice };
  const views = ACCOUNTS.map((accountId) => venue.account(accountId));
  return [
    ...model.complaints,
    ...run.complaints,
    ...(model.fund === venue.house().insurance ? [] : [`the fund is not ${model.fund}`]),
    ...judgeConservation(run, views),
    ...views.flatMap((view) => {
      const naive = model.account(view.accountId);
      const margin = marginOf(naive, market);
      return [
        ...differences(view, naive, margin),
        ...judgeOpen(run, view.accountId, naive),
        ...judgeLiquidationPrices(view, market, naive),
      ];
    }),
  ];
};
