import type { Account, Algo, Order } from './account.ts';
import type { TradePoint } from './market-types.ts';
import type { SavedAccount } from './saved-types.ts';

/** Returns the account as it stands, with nothing in it that a later change would reach. */
export const saveAccount = (account: Account): SavedAccount => ({
  accountId: account.id,
  wallet: account.wallet,
  bnbWallet: account.bnbWallet,
  hasHeldBnb: account.hasHeldBnb,
  feeTier: account.feeTier,
  feeBurn: account.feeBurn,
  multiAssetsMode: account.multiAssetsMode,
  marginChanges: [...account.marginChanges],
  hedgeMode: account.hedgeMode,
  isMarginCalled: account.isMarginCalled,
  updatedMs: account.updatedMs,
  orders: account.orders.map((order) => ({ ...order })),
  algos: account.algos.map((algo) => ({ ...algo })),
  fills: [...account.fills],
  incomes: [...account.incomes],
  amendments: [...account.amendments.values()].flat().sort((one, other) => one.amendmentId - other.amendmentId),
  positions: [...account.positions()].map((position) => ({
    symbol: position.symbol,
    positionSide: position.positionSide,
    quantity: position.quantity,
    cost: position.cost,
    openFees: position.openFees,
    isolatedWallet: position.isolatedWallet,
    accumulatedRealized: position.accumulatedRealized,
    updatedMs: position.updatedMs,
    isMarginCalled: position.isMarginCalled,
    isLiquidating: position.isLiquidating,
  })),
  setups: account.setups().map(([symbol, setup]) => ({ symbol, ...setup })),
  countdowns: [...account.countdowns],
});

/** Returns symbols in which the account has a position or an open order: a market it is to trade on must list them. */
export const heldSymbols = (saved: SavedAccount): readonly string[] => [
  ...new Set([
    ...saved.positions.filter(({ quantity }) => quantity !== 0n).map(({ symbol }) => symbol),
    ...saved.orders.filter(isOpenOrder).map(({ symbol }) => symbol),
    ...saved.algos.filter(isOpenAlgo).map(({ symbol }) => symbol),
  ]),
];

const isOpenOrder = ({ status }: Pick<Order, 'status'>): boolean => status === 'NEW' || status === 'PARTIALLY_FILLED';
const isOpenAlgo = ({ status }: Pick<Algo, 'status'>): boolean => status === 'NEW';

/** Returns the public trades of a symbol that these accounts' fills were, oldest first. */
export const ownTrades = (accounts: readonly SavedAccount[], symbol: string): readonly TradePoint[] => {
  const trades = new Map<number, TradePoint>();
  for (const fill of accounts.flatMap(({ fills }) => fills)) {
    if (fill.symbol !== symbol) continue;
    const { tradeId, price: lastPrice, quantity, timeMs, isMaker, side } = fill;
    trades.set(tradeId, { symbol, timeMs, tradeId, lastPrice, quantity, isBuyerMaker: isMaker === (side === 'BUY') });
  }
  return [...trades.values()].sort((left, right) => left.tradeId - right.tradeId);
};

/** Puts back into an empty account what was saved of it. Countdowns that ran out meanwhile run out at the next moment. */
export const restoreAccount = (account: Account, saved: SavedAccount, nowMs: number): void => {
  account.wallet = saved.wallet;
  account.bnbWallet = saved.bnbWallet ?? 0n;
  account.hasHeldBnb = saved.hasHeldBnb ?? false;
  account.feeTier = saved.feeTier ?? 0;
  account.feeBurn = saved.feeBurn ?? true;
  account.multiAssetsMode = saved.multiAssetsMode ?? false;
  account.marginChanges.push(...(saved.marginChanges ?? []));
  account.hedgeMode = saved.hedgeMode;
  account.isMarginCalled = saved.isMarginCalled;
  account.updatedMs = saved.updatedMs;
  for (const one of saved.orders) {
    const order = { ...one };
    account.register(order);
    if (!isOpenOrder(order)) account.unregister(order);
  }
  for (const one of saved.algos) {
    const algo = { ...one };
    account.registerAlgo(algo);
    if (!isOpenAlgo(algo)) account.unregisterAlgo(algo);
  }
  account.fills.push(...saved.fills);
  account.incomes.push(...saved.incomes);
  for (const amendment of saved.amendments) account.noteAmendment(amendment);
  for (const { symbol, positionSide, ...state } of saved.positions) {
    const position = Object.assign(account.position(symbol, positionSide), state);
    account.touch(position);
  }
  for (const { symbol, ...setup } of saved.setups) Object.assign(account.setup(symbol), setup);
  for (const [symbol, deadlineMs] of saved.countdowns) {
    account.countdowns.set(symbol, Math.max(deadlineMs, nowMs + 1));
  }
};
