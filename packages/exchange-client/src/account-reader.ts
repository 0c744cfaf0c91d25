import { z } from 'zod';
import { fillOf } from './order-mapping.ts';
import type { SymbolSetup, VenueAccount, VenueFill, VenueIncome, VenuePosition } from './port.ts';
import { readFailure, refusalCode } from './read-failure.ts';
import {
  Account,
  Income,
  parseBody,
  PositionMode,
  PositionRisk,
  SymbolConfig,
  unreadable,
  UserTrade,
} from './rest-shapes.ts';
import type { SignedClient, VenueCall } from './signed-client.ts';
import type { VenueTime } from './venue-time.ts';

const PAGE = 1000;
const SEVEN_DAYS_MS = 7 * 86_400_000;
const NO_NEED_TO_CHANGE_MARGIN_TYPE = -4046;

type Params = NonNullable<VenueCall['params']>;

const nextId = (id: string): string => String(BigInt(id) + 1n);

interface Query<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly weight: number;
  readonly params?: Params;
  /** `protective` for what leaving a position waits for; `normal` when left out. */
  readonly priority?: 'normal' | 'protective';
}

/** Options of `AccountReader`. */
export interface AccountReaderOptions {
  readonly client: SignedClient;
  readonly time: VenueTime;
  readonly deadlineMs: number;
}

/** The account by REST: reads, and the set-up of symbols. Throws: the AppErrors of `ExchangePort`. */
export class AccountReader {
  readonly #options: AccountReaderOptions;

  constructor(options: AccountReaderOptions) {
    this.#options = options;
  }

  async account(): Promise<VenueAccount> {
    const account = await this.#get({ path: '/fapi/v3/account', schema: Account, weight: 5 });
    return {
      walletUsdt: account.totalWalletBalance,
      unrealizedPnlUsdt: account.totalUnrealizedProfit,
      availableUsdt: account.availableBalance,
      initialMarginUsdt: account.totalInitialMargin,
      maintenanceMarginUsdt: account.totalMaintMargin,
    };
  }

  async positions(): Promise<readonly VenuePosition[]> {
    const rows = await this.#get({
      path: '/fapi/v3/positionRisk',
      schema: z.array(PositionRisk),
      weight: 5,
      priority: 'protective',
    });
    return rows
      .filter((row) => !row.positionAmt.isZero())
      .map((row) => ({
        symbol: row.symbol,
        signedQuantity: row.positionAmt,
        entryPrice: row.entryPrice,
        markPrice: row.markPrice,
        unrealizedPnlUsdt: row.unRealizedProfit,
        liquidationPrice: row.liquidationPrice.isZero() ? null : row.liquidationPrice,
        updatedAtMs: row.updateTime,
      }));
  }

  async setup(symbol: string): Promise<SymbolSetup> {
    const path = '/fapi/v1/symbolConfig';
    const rows = await this.#get({ path, schema: z.array(SymbolConfig), weight: 5, params: { symbol } });
    const row = rows.find((candidate) => candidate.symbol === symbol);
    if (row === undefined) throw unreadable(`GET ${path}`, `nothing about ${symbol}`);
    return { symbol, leverage: row.leverage, marginType: row.marginType === 'ISOLATED' ? 'isolated' : 'cross' };
  }

  async setLeverage(symbol: string, leverage: number): Promise<void> {
    await this.#post('/fapi/v1/leverage', { symbol, leverage });
  }

  async setMarginType(symbol: string, marginType: 'isolated' | 'cross'): Promise<void> {
    const params = { symbol, marginType: marginType === 'isolated' ? 'ISOLATED' : 'CROSSED' };
    await this.#post('/fapi/v1/marginType', params, NO_NEED_TO_CHANGE_MARGIN_TYPE);
  }

  async isHedgeMode(): Promise<boolean> {
    const mode = await this.#get({ path: '/fapi/v1/positionSide/dual', schema: PositionMode, weight: 30 });
    return mode.dualSidePosition;
  }

  async fills(query: { symbol: string; afterFillId?: string; venueOrderId?: string }): Promise<readonly VenueFill[]> {
    const { symbol, afterFillId, venueOrderId } = query;
    const isWanted = (fill: VenueFill): boolean =>
      (venueOrderId === undefined || fill.venueOrderId === venueOrderId) &&
      (afterFillId === undefined || BigInt(fill.venueFillId) > BigInt(afterFillId));
    const fills: VenueFill[] = [];
    let from = this.#firstPage(query);
    for (;;) {
      const params = { symbol, limit: PAGE, ...from };
      const page = await this.#get({
        path: '/fapi/v1/userTrades',
        schema: z.array(UserTrade),
        weight: 5,
        params,
        priority: 'protective',
      });
      fills.push(...page.map(fillOf).filter(isWanted));
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return fills;
      from = { fromId: nextId(last.id) };
    }
  }

  /** The venue takes an order id, a first trade id or times, never two of them together; without any it answers with the newest page only. */
  #firstPage({ afterFillId, venueOrderId }: { afterFillId?: string; venueOrderId?: string }): Params {
    if (venueOrderId !== undefined) return { orderId: venueOrderId };
    if (afterFillId !== undefined) return { fromId: nextId(afterFillId) };
    return { startTime: Math.max(this.#options.time.nowMs() - SEVEN_DAYS_MS + 1, 0) };
  }

  async income({ startMs }: { startMs: number }): Promise<readonly VenueIncome[]> {
    const path = '/fapi/v1/income';
    const seen = new Map<string, VenueIncome>();
    let startTime = startMs;
    for (;;) {
      const page = await this.#get({ path, schema: z.array(Income), weight: 30, params: { startTime, limit: PAGE } });
      for (const row of page) {
        // A page begins again at the last one's final millisecond; the venue's ids are unique only together with these.
        seen.set([row.incomeType, row.tranId, row.symbol, row.tradeId, row.asset].join('|'), incomeOf(row));
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return [...seen.values()];
      if (last.time === startTime) throw unreadable(`GET ${path}`, `more than ${PAGE} entries within one millisecond`);
      startTime = last.time;
    }
  }

  async #get<T>({ path, schema, weight, params = {}, priority = 'normal' }: Query<T>): Promise<T> {
    const { client, deadlineMs } = this.#options;
    const answer = await client.call({ method: 'GET', path, params, auth: 'signed', weight, priority, deadlineMs });
    if (answer.kind !== 'answered' || answer.httpStatus !== 200) throw readFailure(`GET ${path}`, answer);
    return parseBody(`GET ${path}`, schema, answer.body);
  }

  async #post(path: string, params: Params, alreadySo?: number): Promise<void> {
    const { client, deadlineMs } = this.#options;
    const answer = await client.call({ method: 'POST', path, params, auth: 'signed', deadlineMs });
    if (answer.kind === 'answered' && answer.httpStatus === 200) return;
    if (alreadySo !== undefined && refusalCode(answer) === alreadySo) return;
    throw readFailure(`POST ${path}`, answer);
  }
}

const incomeOf = (row: Income): VenueIncome => ({
  incomeType: row.incomeType,
  transactionId: row.tranId,
  symbol: row.symbol === '' ? null : row.symbol,
  asset: row.asset,
  amount: row.income,
  tradeId: row.tradeId === '' || row.tradeId === '0' ? null : row.tradeId,
  occurredAtMs: row.time,
});
