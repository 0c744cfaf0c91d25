import { Exposures } from './exposures.ts';
import { type Fixed, fixed, times } from './fixed.ts';
import { Position } from './position.ts';
import type {
  AlgoView,
  Asset,
  FillView,
  IncomeView,
  MarginChange,
  MarginType,
  OrderView,
  PositionSide,
} from './venue-types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A plain order while it lives; its view is a copy. */
export type Order = Mutable<OrderView>;
/** A conditional order while it lives. */
export type Algo = Mutable<AlgoView>;

export interface Setup {
  leverage: number;
  marginType: MarginType;
}

const DEFAULT_LEVERAGE = 20;
/** Share of BNB's worth that counts as margin in multi-assets mode. Source: Binance collateral ratios, BNB 95 %. */
const BNB_COLLATERAL_RATIO = fixed('0.95');

/** Everything the venue keeps about one customer. Only `AccountBooks` changes its wallet. */
export class Account {
  readonly id: string;
  /** All USDT of the account, isolated margin included, open profit not. */
  wallet: Fixed = 0n;
  bnbWallet: Fixed = 0n;
  hasHeldBnb = false;
  feeTier = 0;
  feeBurn = true;
  multiAssetsMode = false;
  hedgeMode = false;
  isMarginCalled = false;
  updatedMs = 0;
  readonly openOrders = new Map<number, Order>();
  readonly openClientIds = new Map<string, Order>();
  readonly orders: Order[] = [];
  readonly ordersById = new Map<number, Order>();
  /** The newest order of each client id. */
  readonly ordersByClientId = new Map<string, Order>();
  readonly fills: FillView[] = [];
  readonly incomes: IncomeView[] = [];
  readonly marginChanges: MarginChange[] = [];
  /** Running sums of what its open orders may come to. */
  readonly exposures = new Exposures();
  readonly openAlgos = new Map<number, Algo>();
  readonly openAlgoClientIds = new Map<string, Algo>();
  readonly algos: Algo[] = [];
  readonly algosById = new Map<number, Algo>();
  readonly algosByClientId = new Map<string, Algo>();
  /** Market time at which a symbol's orders are canceled unless renewed. */
  readonly countdowns = new Map<string, number>();
  readonly #ordersBySymbol = new Map<string, Set<Order>>();
  readonly #positions = new Map<string, Position>();
  readonly #setups = new Map<string, Setup>();

  readonly #bnbPrice: () => Fixed;

  /** `bnbPrice`: USDT for one BNB now. */
  constructor(id: string, bnbPrice: () => Fixed) {
    this.id = id;
    this.#bnbPrice = bnbPrice;
  }

  position(symbol: string, side: PositionSide = 'BOTH'): Position {
    const key = `${symbol}:${side}`;
    let position = this.#positions.get(key);
    if (position === undefined) {
      position = new Position(symbol, side);
      this.#positions.set(key, position);
    }
    return position;
  }

  /** Positions ever touched, in the order of first touch. */
  positions(): IterableIterator<Position> {
    return this.#positions.values();
  }

  positionsOf(symbol: string): Position[] {
    const sides: PositionSide[] = this.hedgeMode ? ['LONG', 'SHORT'] : ['BOTH'];
    return sides.map((side) => this.position(symbol, side));
  }

  setup(symbol: string): Setup {
    let setup = this.#setups.get(symbol);
    if (setup === undefined) {
      setup = { leverage: DEFAULT_LEVERAGE, marginType: 'CROSSED' };
      this.#setups.set(symbol, setup);
    }
    return setup;
  }

  /** How it is set up on the symbols it was ever asked about. */
  setups(): [symbol: string, setup: Setup][] {
    return [...this.#setups];
  }

  ordersOf(symbol: string): ReadonlySet<Order> {
    return this.#ordersBySymbol.get(symbol) ?? new Set();
  }

  /** Symbols with open orders. */
  symbolsWithOrders(): IterableIterator<string> {
    return this.#ordersBySymbol.keys();
  }

  register(order: Order): void {
    this.orders.push(order);
    this.ordersById.set(order.orderId, order);
    this.ordersByClientId.set(order.clientOrderId, order);
    this.openOrders.set(order.orderId, order);
    this.openClientIds.set(order.clientOrderId, order);
    const ofSymbol = this.#ordersBySymbol.get(order.symbol);
    if (ofSymbol === undefined) this.#ordersBySymbol.set(order.symbol, new Set([order]));
    else ofSymbol.add(order);
    this.exposures.count(order);
  }

  unregister(order: Order): void {
    this.openOrders.delete(order.orderId);
    this.openClientIds.delete(order.clientOrderId);
    this.exposures.drop(order);
    const ofSymbol = this.#ordersBySymbol.get(order.symbol);
    ofSymbol?.delete(order);
    if (ofSymbol?.size === 0) this.#ordersBySymbol.delete(order.symbol);
  }

  registerAlgo(algo: Algo): void {
    this.algos.push(algo);
    this.algosById.set(algo.algoId, algo);
    this.algosByClientId.set(algo.clientAlgoId, algo);
    this.openAlgos.set(algo.algoId, algo);
    this.openAlgoClientIds.set(algo.clientAlgoId, algo);
  }

  unregisterAlgo(algo: Algo): void {
    this.openAlgos.delete(algo.algoId);
    this.openAlgoClientIds.delete(algo.clientAlgoId);
  }

  /** Brings the running sums up to date after an open order was filled in part or changed. */
  recount(order: Order): void {
    if (this.openOrders.get(order.orderId) === order) this.exposures.count(order);
  }

  walletOf(asset: Asset): Fixed {
    return asset === 'BNB' ? this.bnbWallet : this.wallet;
  }

  get isolatedTotal(): Fixed {
    let total = 0n;
    for (const position of this.#positions.values()) total += position.isolatedWallet;
    return total;
  }

  /** Cash that cross positions and new orders share. */
  get crossWallet(): Fixed {
    return this.wallet - this.isolatedTotal;
  }

  /** What BNB is worth as margin, zero unless the account margins with all its assets. Units: USDT. */
  get bnbMargin(): Fixed {
    if (!this.multiAssetsMode || this.bnbWallet === 0n) return 0n;
    return times(times(this.bnbWallet, this.#bnbPrice()), BNB_COLLATERAL_RATIO);
  }

  /** What covers cross positions and new orders: the cross wallet and, in multi-assets mode, BNB. */
  get collateral(): Fixed {
    return this.crossWallet + this.bnbMargin;
  }
}
