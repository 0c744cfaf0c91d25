import type { AccountAnswers } from '../../answers/account-answers.ts';
import { ORDER_LIMITS } from '../../answers/market-answers.ts';
import type { Venue } from '../../domain/venue.ts';
import { refuse, valueOf } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { RequestContext, Route } from '../route.ts';
import { optional, requireSymbol, timeRange } from './shared-parameters.ts';

interface AccountRoutesDeps {
  readonly venue: Venue;
  readonly answers: AccountAnswers;
}

const DONE = { code: 200, msg: 'success' } as const;

/** The account: balances, positions, settings and what changed its balance. */
export function accountRoutes({ venue, answers }: AccountRoutesDeps): readonly Route[] {
  const signed = (method: Route['method'], path: string, weight: Route['weight'], answer: Route['answer']): Route => ({
    method,
    path,
    security: 'signed',
    weight,
    answer,
  });
  const namedSymbol = (params: RequestParameters): string | undefined =>
    params.symbol() === undefined ? undefined : requireSymbol(venue, params);

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
        ...optional('incomeType', params.text('incomeType')),
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
  ];
}

/** Unlike trades, income may be asked for over any range; without one it is the last seven days. */
const incomeRange = (params: RequestParameters, nowMs: number): { startMs?: number; endMs?: number } => {
  const startMs = params.integer('startTime');
  const endMs = params.integer('endTime');
  if (startMs === undefined && endMs === undefined) return timeRange(params, nowMs);
  return { ...optional('startMs', startMs), ...optional('endMs', endMs) };
};
