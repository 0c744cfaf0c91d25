import type { LedgerRecord, LedgerValue, SymbolSpec } from '../src/domain/venue-types.ts';

/**
 * Naive books of a venue, made of its ledger records alone and written without the domain's code: whole numbers of 1e-8 units, quotients
 * rounded to the nearest unit, halves away from zero.
 */
const UNIT = 100_000_000n;

/** Returns a decimal text as units. */
export const units = (text: unknown): bigint => {
  if (typeof text !== 'string') throw new TypeError(`expected decimal text, found ${JSON.stringify(text)}`);
  const isNegative = text.startsWith('-');
  const dot = text.indexOf('.');
  const whole = text.slice(isNegative ? 1 : 0, dot < 0 ? undefined : dot);
  const fraction = dot < 0 ? '' : text.slice(dot + 1);
  const value = BigInt(whole + fraction.padEnd(8, '0'));
  return isNegative ? -value : value;
};

/** Returns a text of a record, `-` where it has none. */
const word = (value: LedgerValue | undefined): string => (typeof value === 'string' ? value : '-');

/** Returns the quotient to the nearest whole number. */
export const nearest = (top: bigint, bottom: bigint): bigint => {
  const sign = top < 0n !== bottom < 0n ? -1n : 1n;
  const [size, by] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  return sign * ((2n * size + by) / (2n * by));
};

export const product = (left: bigint, right: bigint): bigint => nearest(left * right, UNIT);
const size = (value: bigint): bigint => (value < 0n ? -value : value);

export interface NaivePosition {
  quantity: bigint;
  cost: bigint;
  isolated: bigint;
  /** Everything paid and received for it, fees not included, to 1e-16: nothing is rounded here. */
  exactCash: bigint;
  /** Profit booked. */
  realized: bigint;
  fills: number;
}

export interface NaiveOrder {
  readonly orderId: number;
  readonly symbol: string;
  readonly side: string;
  readonly positionSide: string;
  quantity: bigint;
  price: bigint;
  readonly reduceOnly: boolean;
  executed: bigint;
}

/** What the ledger says of one account. */
export class NaiveAccount {
  readonly wallets: Record<string, bigint> = { USDT: 0n, BNB: 0n };
  readonly positions = new Map<string, NaivePosition>();
  readonly orders = new Map<number, NaiveOrder>();
  readonly algos = new Set<number>();
  readonly leverages = new Map<string, bigint>();
  readonly isolatedSymbols = new Set<string>();
  hedgeMode = false;
  multiAssetsMode = false;

  position(symbol: string, side: string): NaivePosition {
    const key = `${symbol} ${side}`;
    let position = this.positions.get(key);
    if (position === undefined) {
      position = { quantity: 0n, cost: 0n, isolated: 0n, exactCash: 0n, realized: 0n, fills: 0 };
      this.positions.set(key, position);
    }
    return position;
  }

  leverage(symbol: string): bigint {
    return this.leverages.get(symbol) ?? 20n;
  }

  get isolatedTotal(): bigint {
    let total = 0n;
    for (const { isolated } of this.positions.values()) total += isolated;
    return total;
  }
}

/** How a fill differs from what the naive books make of it; empty when they agree. */
type Complaint = string;

const entryOf = ({ quantity, cost }: NaivePosition): bigint => (quantity === 0n ? 0n : nearest(cost * UNIT, quantity));

/** The naive books of all accounts. Feed it every ledger record in order. */
export class MoneyModel {
  readonly accounts = new Map<string, NaiveAccount>();
  readonly complaints: Complaint[] = [];
  /** What the insurance fund holds. */
  fund = 0n;
  /** How often each thing happened: a run in which something never did proves nothing about it. */
  readonly seen = new Map<string, number>();
  readonly #reducing = new Set<number>();

  account(accountId: LedgerValue | undefined): NaiveAccount {
    const id = word(accountId);
    let account = this.accounts.get(id);
    if (account === undefined) {
      account = new NaiveAccount();
      this.accounts.set(id, account);
    }
    return account;
  }

  take(record: LedgerRecord): void {
    const { kind } = record;
    if (kind === 'fill') this.#fill(record);
    else if (kind === 'income') this.#income(record);
    else if (kind === 'run') this.fund = units(record['insuranceFund']);
    else if (kind === 'insurance') this.fund += units(record['amount']);
    else if (kind === 'order') this.#order(record);
    else if (kind === 'order_update') this.#orderUpdate(record);
    else if (kind === 'amendment') this.#amendment(record);
    else if (kind === 'algo') this.account(record['accountId']).algos.add(Number(record['algoId']));
    else if (kind === 'algo_update') this.#algoUpdate(record);
    else if (record['accountId'] !== undefined) this.#setup(record);
    this.#count(kind);
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  #income(record: LedgerRecord): void {
    const account = this.account(record['accountId']);
    const { asset, incomeType, symbol, positionSide } = record;
    const amount = units(record['amount']);
    const wallet = (account.wallets[word(asset)] ?? 0n) + amount;
    account.wallets[word(asset)] = wallet;
    if (wallet !== units(record['walletAfter'])) this.complaints.push(`wallet of ${JSON.stringify(record)}: ${wallet}`);
    if (incomeType === 'INSURANCE_CLEAR') this.fund -= amount;
    if (incomeType === 'FUNDING_FEE' && account.isolatedSymbols.has(word(symbol))) {
      account.position(word(symbol), word(positionSide)).isolated += amount;
    }
    this.#count(`${word(incomeType)} ${word(asset)}`);
  }

  #order(record: LedgerRecord): void {
    const orderId = Number(record['orderId']);
    const { symbol, side, positionSide, clientOrderId } = record;
    if (record['reduceOnly'] === true) this.#reducing.add(orderId);
    this.account(record['accountId']).orders.set(orderId, {
      orderId,
      symbol: word(symbol),
      side: word(side),
      positionSide: word(positionSide),
      quantity: units(record['quantity']),
      price: units(record['price']),
      reduceOnly: record['reduceOnly'] === true,
      executed: 0n,
    });
    const [prefix = ''] = /^(autoclose|adl_autoclose|settlement_autoclose)/.exec(word(clientOrderId)) ?? [];
    if (prefix !== '') this.#count(prefix);
  }

  #orderUpdate(record: LedgerRecord): void {
    const { orders } = this.account(record['accountId']);
    const orderId = Number(record['orderId']);
    const order = orders.get(orderId);
    if (order === undefined) this.complaints.push(`order ${orderId} was updated and is not open`);
    else order.executed = units(record['executedQuantity']);
    if (record['status'] !== 'NEW' && record['status'] !== 'PARTIALLY_FILLED') orders.delete(orderId);
  }

  #amendment(record: LedgerRecord): void {
    const order = this.account(record['accountId']).orders.get(Number(record['orderId']));
    if (order === undefined) return;
    order.quantity = units(record['quantity']);
    order.price = units(record['price']);
  }

  #algoUpdate(record: LedgerRecord): void {
    const { status } = record;
    const isOpen = status === 'NEW';
    if (!isOpen) this.account(record['accountId']).algos.delete(Number(record['algoId']));
    this.#count(`algo ${word(status)}`);
  }

  #setup(record: LedgerRecord): void {
    const account = this.account(record['accountId']);
    const symbol = word(record['symbol']);
    if (record.kind === 'leverage') account.leverages.set(symbol, BigInt(Number(record['leverage'])));
    if (record.kind === 'position_mode') account.hedgeMode = record['hedgeMode'] === true;
    if (record.kind === 'asset_mode') account.multiAssetsMode = record['multiAssetsMode'] === true;
    if (record.kind === 'margin_type') {
      if (record['marginType'] === 'ISOLATED') account.isolatedSymbols.add(symbol);
      else account.isolatedSymbols.delete(symbol);
    }
    if (record.kind === 'position_margin') {
      const sign = record['type'] === 1 ? 1n : -1n;
      account.position(symbol, word(record['positionSide'])).isolated += sign * units(record['amount']);
    }
  }

  #fill(record: LedgerRecord): void {
    const account = this.account(record['accountId']);
    const symbol = word(record['symbol']);
    const position = account.position(symbol, word(record['positionSide']));
    const [price, amount] = [units(record['price']), units(record['quantity'])];
    const sign = record['side'] === 'BUY' ? 1n : -1n;
    const held = position.quantity;
    const closes = held !== 0n && held > 0n !== sign > 0n;
    const closed = !closes ? 0n : amount < size(held) ? amount : size(held);
    const opened = amount - closed;
    let realized = 0n;
    if (closed > 0n) {
      const share = (value: bigint): bigint => (closed === size(held) ? value : nearest(value * closed, size(held)));
      const [cost, margin] = [share(position.cost), share(position.isolated)];
      // A long sells: what came in less what it had cost. A short's cost is negative.
      realized = product(-sign * closed, price) - cost;
      position.cost -= cost;
      position.isolated -= margin;
    }
    if (opened > 0n) {
      position.cost += product(sign * opened, price);
      if (account.isolatedSymbols.has(symbol)) {
        position.isolated += nearest(product(opened, price), account.leverage(symbol));
      }
    }
    position.quantity += sign * amount;
    position.exactCash -= sign * amount * price;
    position.realized += realized;
    position.fills += 1;
    this.#hold(record, position, { held, realized });
    if (closed > 0n && opened > 0n) this.#count('flip');
    if (closed > 0n && opened === 0n && position.quantity !== 0n) this.#count('partial close');
    if (record['isMaker'] === true) this.#count('maker fill');
  }

  /** Holds what the venue says of the fill against these books. */
  #hold(record: LedgerRecord, position: NaivePosition, before: { held: bigint; realized: bigint }): void {
    const claims: readonly (readonly [what: string, ours: bigint])[] = [
      ['positionAfter', position.quantity],
      ['entryPriceAfter', entryOf(position)],
      ['isolatedWalletAfter', position.isolated],
      ['realizedPnl', before.realized],
    ];
    for (const [what, ours] of claims) {
      if (units(record[what]) === ours) continue;
      this.complaints.push(`${what} of fill ${JSON.stringify(record)}: naive books have ${ours}`);
    }
    // The cash of a position's life is its booked profit less its open cost; each price off the grid may cost half a unit.
    const gap = size(position.exactCash - (position.realized - position.cost) * UNIT);
    if (2n * gap > BigInt(position.fills) * UNIT)
      this.complaints.push(`cash is off by ${gap}e-16: ${JSON.stringify(record)}`);
    if (position.quantity === 0n && position.cost !== 0n) this.complaints.push(`flat at a cost of ${position.cost}`);
    const isReducing = this.#reducing.has(Number(record['orderId']));
    const flips = position.quantity !== 0n && position.quantity > 0n !== before.held > 0n;
    if (isReducing && (flips || size(position.quantity) >= size(before.held))) {
      this.complaints.push(`reduce-only order opened or flipped: ${JSON.stringify(record)}`);
    }
  }
}

/** Returns the maintenance margin of a notional, bracket by bracket: each part of it at its own ratio. */
export const naiveMaintenance = (spec: SymbolSpec, notional: bigint): bigint => {
  const whole = size(notional);
  let exact = 0n;
  for (const [index, tier] of spec.tiers.entries()) {
    const isLast = index === spec.tiers.length - 1;
    const top = isLast || whole < tier.notionalCap ? whole : tier.notionalCap;
    if (top > tier.notionalFloor) exact += (top - tier.notionalFloor) * tier.maintenanceRatio;
  }
  return nearest(exact, UNIT);
};

/** Returns the entry price of naive books. */
export const naiveEntry = entryOf;
