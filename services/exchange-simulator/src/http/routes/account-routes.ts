import type { AccountAnswers } from '../../answers/account-answers.ts';
import { ORDER_LIMITS } from '../../answers/market-answers.ts';
import { tradingStatus } from '../../answers/trading-status.ts';
import type { Venue } from '../../domain/venue.ts';
import { refuse, valueOf } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import { type RequestContext, type Route, signed } from '../route.ts';
import { optional, requireSymbol, timeRange } from './shared-parameters.ts';

interface AccountRoutesDeps {
  readonly venue: Venue;
  readonly answers: AccountAnswers;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Orders that the trading rules look at. */
const STATUS_MS = 10 * MINUTE_MS;
const INCOME_KEPT_MS = 90 * DAY_MS;
const MARGIN_CHANGES_KEPT_MS = 30 * DAY_MS;
const SIGNED_DECIMAL = /^-?[0-9]{1,20}(\.[0-9]{1,20})?$/;

/** Source: documentation of GET /fapi/v1/income. */
const INCOME_TYPES = [
  'TRANSFER',
  'WELCOME_BONUS',
  'REALIZED_PNL',
  'FUNDING_FEE',
  'COMMISSION',
  'INSURANCE_CLEAR',
  'REFERRAL_KICKBACK',
  'COMMISSION_REBATE',
  'API_REBATE',
  'CONTEST_REWARD',
  'CROSS_COLLATERAL_TRANSFER',
  'OPTIONS_PREMIUM_FEE',
  'OPTIONS_SETTLE_PROFIT',
  'INTERNAL_TRANSFER',
  'AUTO_EXCHANGE',
  'DELIVERED_SETTELMENT',
  'COIN_SWAP_DEPOSIT',
  'COIN_SWAP_WITHDRAW',
  'POSITION_LIMIT_INCREASE_FEE',
  'STRATEGY_UMFUTURES_TRANSFER',
  'FEE_RETURN',
  'BFUSD_REWARD',
] as const;

const DONE = { code: 200, msg: 'success' } as const;

/** The account: balances, positions, settings and what changed its balance. */
export function accountRoutes({ venue, answers }: AccountRoutesDeps): readonly Route[] {
  // go-binance sends an empty symbol when it asks about all of them.
  const namedSymbol = (params: RequestParameters): string | undefined =>
    params.peek('symbol') === undefined ? undefined : requireSymbol(venue, params);

  const balances = ({ accountId }: RequestContext) => answers.balances(venue.account(accountId));

  return [
    signed('GET', '/fapi/v2/account', 5, ({ accountId }) => answers.accountV2(venue.account(accountId))),
    signed('GET', '/fapi/v3/account', 5, ({ accountId }) => answers.accountV3(venue.account(accountId))),
    signed('GET', '/fapi/v2/balance', 5, balances),
    signed('GET', '/fapi/v3/balance', 5, balances),
    signed('GET', '/fapi/v1/accountConfig', 5, ({ accountId }) => answers.accountConfig(venue.account(accountId))),
    signed('GET', '/fapi/v1/symbolConfig', 5, ({ params, accountId }) =>
      venue.setups(accountId, namedSymbol(params)).map((setup) => answers.symbolConfig(setup)),
    ),
    signed('GET', '/fapi/v2/positionRisk', 5, ({ params, accountId }) => {
      const symbol = namedSymbol(params);
      const positions = symbol === undefined ? venue.account(accountId).positions : venue.positions(accountId, symbol);
      return positions.map((position) => answers.positionV2(position));
    }),
    signed('GET', '/fapi/v3/positionRisk', 5, ({ params, accountId }) => {
      const symbol = namedSymbol(params);
      const positions = symbol === undefined ? venue.account(accountId).positions : venue.positions(accountId, symbol);
      return answers.positionsV3(positions);
    }),
    signed('GET', '/fapi/v1/leverageBracket', 1, ({ params }) => {
      const symbol = namedSymbol(params);
      const specs = venue.specs().filter((spec) => symbol === undefined || spec.symbol === symbol);
      return specs.map((spec) => answers.leverageBracket(spec));
    }),
    signed('GET', '/fapi/v1/commissionRate', 20, ({ params, accountId }) =>
      answers.commissionRate(requireSymbol(venue, params), venue.account(accountId)),
    ),
    signed('GET', '/fapi/v1/rateLimit/order', 1, () => ORDER_LIMITS),
    signed('GET', '/fapi/v1/income', 30, ({ params, accountId }) => {
      const query = {
        ...optional('symbol', namedSymbol(params)),
        ...optional(
          'incomeType',
          params.oneOf('incomeType', INCOME_TYPES, () => refuse.invalidData('incomeType')),
        ),
        ...optional('page', pageOf(params)),
        ...incomeRange(params, venue.nowMs),
        limit: params.limit(100, 1_000),
      };
      return venue.income(accountId, query).map((income) => answers.income(income));
    }),
    signed('POST', '/fapi/v1/leverage', 1, ({ params, accountId }) => {
      const symbol = requireSymbol(venue, params);
      return answers.leverage(valueOf(venue.setLeverage(accountId, symbol, params.requiredInteger('leverage'))));
    }),
    signed('POST', '/fapi/v1/marginType', 1, ({ params, accountId }) => {
      const symbol = requireSymbol(venue, params);
      params.requiredText('marginType');
      const marginType = params.oneOf('marginType', ['ISOLATED', 'CROSSED'], () => refuse.invalidData('marginType'));
      valueOf(venue.setMarginType(accountId, symbol, marginType ?? 'CROSSED'));
      return DONE;
    }),
    signed('GET', '/fapi/v1/positionSide/dual', 30, ({ accountId }) => ({
      dualSidePosition: venue.account(accountId).hedgeMode,
    })),
    signed('POST', '/fapi/v1/positionSide/dual', 1, ({ params, accountId }) => {
      valueOf(venue.setHedgeMode(accountId, params.requiredBoolean('dualSidePosition')));
      return DONE;
    }),
    signed('GET', '/fapi/v1/multiAssetsMargin', 30, ({ accountId }) => ({
      multiAssetsMargin: venue.account(accountId).multiAssetsMode,
    })),
    signed('POST', '/fapi/v1/multiAssetsMargin', 1, ({ params, accountId }) => {
      valueOf(venue.setMultiAssetsMode(accountId, params.requiredBoolean('multiAssetsMargin')));
      return DONE;
    }),
    signed('GET', '/fapi/v1/feeBurn', 30, ({ accountId }) => ({ feeBurn: venue.account(accountId).feeBurn })),
    signed('POST', '/fapi/v1/feeBurn', 1, ({ params, accountId }) => {
      valueOf(venue.setFeeBurn(accountId, params.requiredBoolean('feeBurn')));
      return DONE;
    }),
    ...marginRoutes({ venue, answers }, { namedSymbol }),
  ];
}

interface RouteWords {
  readonly namedSymbol: (params: RequestParameters) => string | undefined;
}

/** Isolated margin, and what the venue does or may do to positions. */
const marginRoutes = ({ venue, answers }: AccountRoutesDeps, { namedSymbol }: RouteWords): readonly Route[] => [
  signed('POST', '/fapi/v1/positionMargin', 1, ({ params, accountId }) => {
    const symbol = requireSymbol(venue, params);
    const amount = params.requiredText('amount');
    if (!SIGNED_DECIMAL.test(amount)) throw refuse.malformedNumber('amount');
    params.requiredText('type');
    const request = { symbol, amount, type: marginTypeOf(params) ?? 1, ...optional('positionSide', sideOf(params)) };
    return answers.positionMargin(valueOf(venue.changePositionMargin(accountId, request)));
  }),
  signed('GET', '/fapi/v1/positionMargin/history', 1, ({ params, accountId }) => {
    const query = {
      symbol: requireSymbol(venue, params),
      ...optional('type', marginTypeOf(params)),
      ...keptRange(params, venue.nowMs, MARGIN_CHANGES_KEPT_MS),
      limit: params.limit(500, 500),
    };
    return venue.marginChanges(accountId, query).map((change) => answers.marginChange(change));
  }),
  signed('GET', '/fapi/v1/adlQuantile', 5, ({ params, accountId }) => {
    const asked = namedSymbol(params);
    const open = venue.account(accountId).positions.filter(({ signedQuantity }) => signedQuantity !== 0n);
    const symbols = asked === undefined ? [...new Set(open.map(({ symbol }) => symbol))] : [asked];
    return symbols.map((symbol) => answers.adlQuantile(symbol, venue.positions(accountId, symbol)));
  }),
  signed(
    'GET',
    '/fapi/v1/forceOrders',
    (params) => (params.symbol() === undefined ? 50 : 20),
    (request) => {
      const { params, accountId } = request;
      const cause =
        params.peek('autoCloseType') === undefined
          ? undefined
          : params.oneOf('autoCloseType', ['LIQUIDATION', 'ADL'], () => refuse.invalidData('autoCloseType'));
      const query = {
        ...optional('symbol', namedSymbol(params)),
        ...optional('cause', cause),
        ...timeRange(params, venue.nowMs),
        limit: params.limit(50, 100),
      };
      return venue.forcedOrders(accountId, query).map((order) => answers.forcedOrder(order));
    },
  ),
  signed(
    'GET',
    '/fapi/v1/apiTradingStatus',
    (params) => (params.symbol() === undefined ? 10 : 1),
    (request) => {
      const symbol = namedSymbol(request.params);
      const specs = venue.specs().filter((spec) => symbol === undefined || spec.symbol === symbol);
      const startMs = venue.nowMs - STATUS_MS;
      const bySymbol = specs.map((spec) => ({
        spec,
        orders: venue.allOrders(request.accountId, { symbol: spec.symbol, startMs, limit: Number.MAX_SAFE_INTEGER }),
      }));
      return tradingStatus(bySymbol, venue.nowMs);
    },
  ),
];

const sideOf = (params: RequestParameters): 'BOTH' | 'LONG' | 'SHORT' | undefined =>
  params.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], () => refuse.invalidData('positionSide'));

/** 1 adds margin, 2 takes it. */
const marginTypeOf = (params: RequestParameters): 1 | 2 | undefined => {
  const type = params.integer('type');
  if (type === undefined || type === 1 || type === 2) return type;
  throw refuse.invalidData('type');
};

const pageOf = (params: RequestParameters): number | undefined => {
  const page = params.integer('page');
  if (page !== undefined && page < 1) throw refuse.invalidData('page');
  return page;
};

/** Any range within what is kept. Throws: -1023 when it is reversed. */
const keptRange = (
  params: RequestParameters,
  nowMs: number,
  keptMs: number,
): { readonly startMs?: number; readonly endMs?: number } => {
  const [start, end] = [params.integer('startTime'), params.integer('endTime')];
  if (start !== undefined && end !== undefined && start > end) throw refuse.startAfterEnd();
  const oldestMs = nowMs - keptMs;
  return {
    ...optional('startMs', start === undefined ? undefined : Math.max(start, oldestMs)),
    ...optional('endMs', end),
  };
};

/** Unlike trades, income may be asked for over any range of the last three months; without one it is the last seven days. */
const incomeRange = (params: RequestParameters, nowMs: number): { startMs?: number; endMs?: number } => {
  const isOpen = params.integer('startTime') === undefined && params.integer('endTime') === undefined;
  return isOpen ? timeRange(params, nowMs) : keptRange(params, nowMs, INCOME_KEPT_MS);
};
