import { invariant } from '@qt/kernel';
import { Account, type Order } from './account.ts';
import { positionViewOf } from './account-views.ts';
import { bnbPriceOf } from './fees.ts';
import { type Fixed, fixed, textOf } from './fixed.ts';
import { GoodTillDates } from './good-till.ts';
import type { MarginMarket } from './margin.ts';
import type { Position } from './position.ts';
import { restoreAccount, saveAccount } from './saved-account.ts';
import { specOf } from './symbol-specs.ts';
import { SymbolMarket } from './symbol-market.ts';
import type {
  AccountEvent,
  Asset,
  House,
  IncomeType,
  IncomeView,
  LedgerRecord,
  LedgerValue,
  PositionSide,
  SavedVenue,
  SymbolStatus,
  VenueEvents,
  VenueOptions,
} from './venue-types.ts';

const FIRST_ORDER_ID = 10_000_000_001;
/** Sixteen digits, as real ones have: clients that lose digits are found out. */
const FIRST_ALGO_ID = 4_000_000_000_000_001;
const FIRST_TRAN_ID = 100_000_000_001;
const DEFAULT_INSURANCE_FUND = fixed('1000000');

type Listeners = { [K in keyof VenueEvents]: ((event: VenueEvents[K]) => void)[] };

const HOUSE_SIDE: Readonly<Record<IncomeType, keyof House>> = {
  TRANSFER: 'deposits',
  REALIZED_PNL: 'tradingPnl',
  COMMISSION: 'commission',
  FUNDING_FEE: 'funding',
  INSURANCE_CLEAR: 'insurance',
  // A customer who changes one asset into another pays one in and the other out.
  AUTO_EXCHANGE: 'deposits',
};

const emptyHouse = (): House => ({ deposits: 0n, tradingPnl: 0n, commission: 0n, funding: 0n, insurance: 0n });

/** What all parts of the venue share: time, markets, accounts, listeners, ids and the ledger. */
export class VenueCore {
  readonly options: VenueOptions;
  readonly markets = new Map<string, SymbolMarket>();
  readonly accounts = new Map<string, Account>();
  readonly houses: Readonly<Record<Asset, House>> = { USDT: emptyHouse(), BNB: emptyHouse() };
  /** Symbols that are not simply traded. */
  readonly statuses = new Map<string, SymbolStatus>();
  /** When open orders end by themselves. */
  readonly goodTill = new GoodTillDates();
  /** Told of each execution and end of a plain order that a conditional one has become. */
  orderMoved: (order: Order) => void = () => {};
  nowMs: number;
  isEnded = false;
  orderCount = 0;
  fillCount = 0;
  #ledgerSeq = 0;
  #orderId = FIRST_ORDER_ID;
  #algoId = FIRST_ALGO_ID;
  #tranId = FIRST_TRAN_ID;
  readonly #listeners: Listeners = {
    trade: [],
    bookTicker: [],
    depth: [],
    mark: [],
    candle: [],
    candleClosed: [],
    order: [],
    algo: [],
    account: [],
    config: [],
    marginCall: [],
    liquidation: [],
  };

  constructor(options: VenueOptions) {
    this.options = options;
    const { market, seed } = options;
    this.nowMs = market.startMs;
    for (const symbol of market.symbols) {
      const sample = market.candleAt(symbol, market.startMs) ?? market.history(symbol).at(-1);
      const spec =
        options.specs?.find((one) => one.symbol === symbol) ??
        specOf(symbol, { price: sample?.open ?? 0n, finestPriceStep: market.finestPriceStep(symbol) });
      this.markets.set(symbol, new SymbolMarket({ spec, source: market, seed }));
    }
    const fund = options.insuranceFund ?? DEFAULT_INSURANCE_FUND;
    this.houses.USDT.insurance = fund;
    this.houses.USDT.deposits = -fund;
    if (options.saved === undefined) this.recordRun();
  }

  recordRun(): void {
    const { seed, speed, market, saved } = this.options;
    const { symbols, interval, startMs } = market;
    const resumed = saved === undefined ? {} : { isResumed: true };
    const insuranceFund = textOf(this.houses.USDT.insurance);
    this.record('run', { seed, speed, symbols, interval, startMs, insuranceFund, ...resumed });
  }

  /** Returns the venue at rest. */
  save(): SavedVenue {
    const { market, seed } = this.options;
    const firsts = market.symbols.map((symbol) => market.history(symbol)[0]?.openTimeMs ?? market.startMs);
    return {
      timeMs: this.nowMs,
      seed,
      market: { kind: market.kind, interval: market.interval, firstMs: Math.min(...firsts) },
      ledgerSeq: this.#ledgerSeq,
      orderCount: this.orderCount,
      fillCount: this.fillCount,
      nextIds: { order: this.#orderId, algo: this.#algoId, income: this.#tranId },
      nextTradeIds: Object.fromEntries([...this.markets].map(([symbol, one]) => [symbol, one.nextTradeId])),
      house: { ...this.houses.USDT },
      bnbHouse: { ...this.houses.BNB },
      statuses: [...this.statuses],
      accounts: [...this.accounts.values()].map(saveAccount),
    };
  }

  /** Puts back what was saved: numbers go on where they stood, and the accounts are as they were. */
  restore(saved: SavedVenue): void {
    this.#ledgerSeq = saved.ledgerSeq;
    this.orderCount = saved.orderCount;
    this.fillCount = saved.fillCount;
    this.#orderId = saved.nextIds.order;
    this.#algoId = saved.nextIds.algo;
    this.#tranId = saved.nextIds.income;
    for (const [symbol, id] of Object.entries(saved.nextTradeIds)) this.markets.get(symbol)?.skipTradeIdsTo(id);
    Object.assign(this.houses.USDT, saved.house);
    Object.assign(this.houses.BNB, saved.bnbHouse ?? emptyHouse());
    for (const [symbol, status] of saved.statuses ?? []) this.statuses.set(symbol, status);
    for (const one of saved.accounts) restoreAccount(this.openAccount(one.accountId), one, this.nowMs);
  }

  get ledgerSeq(): number {
    return this.#ledgerSeq;
  }

  readonly lookup = (symbol: string): MarginMarket => this.market(symbol);

  /** USDT for one BNB now. */
  readonly bnbPrice = (): Fixed => bnbPriceOf(this.markets, this.options.bnbPrice);

  statusOf(symbol: string): SymbolStatus {
    return this.statuses.get(symbol) ?? 'TRADING';
  }

  isTrading(symbol: string): boolean {
    return this.statuses.size === 0 || this.statusOf(symbol) === 'TRADING';
  }

  market(symbol: string): SymbolMarket {
    const market = this.markets.get(symbol);
    invariant(market !== undefined, `${symbol} is a symbol of this venue`);
    return market;
  }

  account(accountId: string): Account {
    const account = this.accounts.get(accountId);
    invariant(account !== undefined, `account ${accountId} is open`);
    return account;
  }

  openAccount(accountId: string): Account {
    invariant(!this.accounts.has(accountId), `account ${accountId} is not open yet`);
    const account = new Account(accountId, this.bnbPrice);
    this.accounts.set(accountId, account);
    return account;
  }

  on<K extends keyof VenueEvents>(kind: K, listener: (event: VenueEvents[K]) => void): () => void {
    const listeners: ((event: VenueEvents[K]) => void)[] = this.#listeners[kind];
    listeners.push(listener);
    return () => {
      const index = listeners.indexOf(listener);
      if (index >= 0) listeners.splice(index, 1);
    };
  }

  /** Whether anybody would hear: spares the making of events for nobody. */
  hears(kind: keyof VenueEvents): boolean {
    return this.#listeners[kind].length > 0;
  }

  emit<K extends keyof VenueEvents>(kind: K, event: VenueEvents[K]): void {
    for (const listener of this.#listeners[kind]) listener(event);
  }

  record(kind: string, facts: Readonly<Record<string, LedgerValue>>): void {
    this.#ledgerSeq += 1;
    const line: LedgerRecord = { seq: this.#ledgerSeq, timeMs: this.nowMs, kind, ...facts };
    this.options.ledger(line);
  }

  nextOrderId(): number {
    this.orderCount += 1;
    const id = this.#orderId;
    this.#orderId += 1;
    return id;
  }

  nextAlgoId(): number {
    const id = this.#algoId;
    this.#algoId += 1;
    return id;
  }

  /** Books money into or out of a wallet: the only way a wallet changes. */
  book(
    account: Account,
    entry: {
      incomeType: IncomeType;
      amount: Fixed;
      asset?: Asset;
      symbol?: string;
      tradeId?: number;
      /** The position whose isolated margin the money went into or came from. */
      positionSide?: PositionSide;
    },
  ): IncomeView {
    const asset = entry.asset ?? 'USDT';
    const income: IncomeView = {
      accountId: account.id,
      tranId: this.#tranId,
      incomeType: entry.incomeType,
      symbol: entry.symbol ?? '',
      asset,
      amount: entry.amount,
      tradeId: entry.tradeId ?? null,
      timeMs: this.nowMs,
    };
    this.#tranId += 1;
    if (asset === 'BNB') {
      account.bnbWallet += entry.amount;
      account.hasHeldBnb = true;
    } else account.wallet += entry.amount;
    account.updatedMs = this.nowMs;
    this.houses[asset][HOUSE_SIDE[entry.incomeType]] -= entry.amount;
    account.incomes.push(income);
    if (entry.incomeType === 'TRANSFER') {
      this.record('transfer', { accountId: account.id, asset, amount: textOf(entry.amount) });
    }
    this.record('income', {
      accountId: account.id,
      tranId: income.tranId,
      incomeType: income.incomeType,
      asset,
      amount: textOf(income.amount),
      symbol: income.symbol,
      ...(income.tradeId === null ? {} : { tradeId: income.tradeId }),
      walletAfter: textOf(account.walletOf(asset)),
      ...(entry.positionSide === undefined ? {} : { positionSide: entry.positionSide }),
    });
    return income;
  }

  /** Moves money between the insurance fund and the market that it trades against; positive into the fund. */
  bookInsurance(amount: Fixed, symbol: string): void {
    const house = this.houses.USDT;
    house.insurance += amount;
    house.tradingPnl -= amount;
    this.record('insurance', { symbol, amount: textOf(amount), fundAfter: textOf(house.insurance) });
  }

  /** Tells an account how its balance and the given positions stand. */
  announce(
    account: Account,
    change: {
      reason: AccountEvent['reason'];
      balanceChange?: Fixed;
      positions: readonly Position[];
      /** Given when BNB was moved too: what of it is neither PnL nor commission. */
      bnbChange?: Fixed;
    },
  ): void {
    if (!this.hears('account')) return;
    this.emit('account', {
      accountId: account.id,
      timeMs: this.nowMs,
      reason: change.reason,
      balances: [
        {
          asset: 'USDT',
          walletBalance: account.wallet,
          crossWalletBalance: account.crossWallet,
          balanceChange: change.balanceChange ?? 0n,
        },
        ...(change.bnbChange === undefined
          ? []
          : [
              {
                asset: 'BNB' as const,
                walletBalance: account.bnbWallet,
                crossWalletBalance: account.bnbWallet,
                balanceChange: change.bnbChange,
              },
            ]),
      ],
      positions: change.positions.map((position) => positionViewOf(account, position, this.lookup)),
    });
  }
}
