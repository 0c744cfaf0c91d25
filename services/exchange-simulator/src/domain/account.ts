import { type Fixed, fixed, times } from './fixed.ts';
import { OpenNotional } from './open-notional.ts';
import { OrderHistory } from './order-history.ts';
import { Position } from './position.ts';
import type {
  AlgoView,
  AmendmentView,
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

/** How an account trades one symbol. */
export interface Setup {
  leverage: number;
  marginType: MarginType;
}

const DEFAULT_LEVERAGE = 20;
const NO_ORDERS: ReadonlySet<Order> = new Set();
const NO_NOTIONAL = new OpenNotional();
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
  readonly ordersById = { get: (orderId: number): Order | undefined => this.#history.byId(orderId) };
  /** The newest order of each client id. */
  readonly ordersByClientId = {
    get: (clientOrderId: string): Order | undefined => this.#history.byClientId(clientOrderId),
  };
  readonly fills: FillView[] = [];
  readonly incomes: IncomeView[] = [];
  readonly marginChanges: MarginChange[] = [];
  readonly openAlgos = new Map<number, Algo>();
  readonly openAlgoClientIds = new Map<string, Algo>();
  readonly algos: Algo[] = [];
  readonly algosById = new Map<number, Algo>();
  readonly algosByClientId = new Map<string, Algo>();
  /** Changes of orders by order id, oldest first. */
  readonly amendments = new Map<number, AmendmentView[]>();
  amendmentCount = 0;
  /** Market time at which a symbol's orders are canceled unless renewed. */
  readonly countdowns = new Map<string, number>();
  readonly #history = new OrderHistory<Order>(this.orders);
  readonly #ordersBySymbol = new Map<string, Set<Order>>();
  readonly #openNotional = new Map<string, OpenNotional>();
  readonly #positions: Readonly<Record<PositionSide, Map<string, Position>>> = {
    BOTH: new Map(),
    LONG: new Map(),
    SHORT: new Map(),
  };
  readonly #touched: Position[] = [];
  readonly #oneWay = new Map<string, readonly Position[]>();
  readonly #hedged = new Map<string, readonly Position[]>();
  readonly #setups = new Map<string, Setup>();

  readonly #bnbPrice: () => Fixed;

  /** `bnbPrice`: USDT for one BNB now. */
  constructor(id: string, bnbPrice: () => Fixed) {
    this.id = id;
    this.#bnbPrice = bnbPrice;
  }

  /** To be asked for as often as anybody likes: only `touch` gives a position a place among those of the account. */
  position(symbol: string, side: PositionSide = 'BOTH'): Position {
    const sides = this.#positions[side];
    let position = sides.get(symbol);
    if (position === undefined) {
      position = new Position(symbol, side);
      sides.set(symbol, position);
    }
    return position;
  }

  /** Notes a position that is about to hold something. */
  touch(position: Position): void {
    if (!this.#touched.includes(position)) this.#touched.push(position);
  }

  /** Positions that ever held something, in the order in which they did first. */
  positions(): readonly Position[] {
    return this.#touched;
  }

  /** Both sides in hedge mode, else the one there is. */
  positionsOf(symbol: string): readonly Position[] {
    const shown = this.hedgeMode ? this.#hedged : this.#oneWay;
    let positions = shown.get(symbol);
    if (positions === undefined) {
      const sides: readonly PositionSide[] = this.hedgeMode ? ['LONG', 'SHORT'] : ['BOTH'];
      positions = sides.map((side) => this.position(symbol, side));
      shown.set(symbol, positions);
    }
    return positions;
  }

  setup(symbol: string): Setup {
    let setup = this.#setups.get(symbol);
    if (setup === undefined) {
      setup = { leverage: DEFAULT_LEVERAGE, marginType: 'CROSSED' };
      this.#setups.set(symbol, setup);
    }
    return setup;
  }

  /** How it is set up on the symbols on which it is not simply as it began, in the order of their names. */
  setups(): [symbol: string, setup: Setup][] {
    const changed = [...this.#setups].filter(
      ([, { leverage, marginType }]) => leverage !== DEFAULT_LEVERAGE || marginType !== 'CROSSED',
    );
    return changed.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  ordersOf(symbol: string): ReadonlySet<Order> {
    return this.#ordersBySymbol.get(symbol) ?? NO_ORDERS;
  }

  /** Symbols with open orders. */
  symbolsWithOrders(): IterableIterator<string> {
    return this.#ordersBySymbol.keys();
  }

  /** Notional of the symbol's open orders, kept as they come, change and go. */
  openNotional(symbol: string): OpenNotional {
    return this.#openNotional.get(symbol) ?? NO_NOTIONAL;
  }

  /** Takes an open order out of the running sums (-1) before price or quantities change, and puts it back (1) afterwards. */
  weigh(order: Order, sign: 1n | -1n): void {
    this.#openNotional.get(order.symbol)?.weigh(order, sign);
  }

  register(order: Order): void {
    this.orders.push(order);
    this.openOrders.set(order.orderId, order);
    this.openClientIds.set(order.clientOrderId, order);
    const ofSymbol = this.#ordersBySymbol.get(order.symbol);
    if (ofSymbol === undefined) this.#ordersBySymbol.set(order.symbol, new Set([order]));
    else ofSymbol.add(order);
    if (!this.#openNotional.has(order.symbol)) this.#openNotional.set(order.symbol, new OpenNotional());
    this.weigh(order, 1n);
  }

  unregister(order: Order): void {
    if (!this.openOrders.delete(order.orderId)) return;
    this.openClientIds.delete(order.clientOrderId);
    this.weigh(order, -1n);
    const ofSymbol = this.#ordersBySymbol.get(order.symbol);
    ofSymbol?.delete(order);
    if (ofSymbol?.size === 0) this.#ordersBySymbol.delete(order.symbol);
  }

  noteAmendment(amendment: AmendmentView): void {
    const ofOrder = this.amendments.get(amendment.orderId);
    if (ofOrder === undefined) this.amendments.set(amendment.orderId, [amendment]);
    else ofOrder.push(amendment);
    this.amendmentCount = amendment.amendmentId;
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

  walletOf(asset: Asset): Fixed {
    return asset === 'BNB' ? this.bnbWallet : this.wallet;
  }

  get isolatedTotal(): Fixed {
    let total = 0n;
    for (const { isolatedWallet } of this.#touched) total += isolatedWallet;
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
