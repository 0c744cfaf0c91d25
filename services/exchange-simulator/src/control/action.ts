import { z } from 'zod';
import { Duration, SignedDuration } from '../faults/market-moment.ts';

const AccountId = z.string().min(1).max(64).optional();
const Symbol = z.string().regex(/^[A-Z0-9_]{1,30}$/, 'expected a symbol such as BTCUSDT');
const Decimal = z.string().regex(/^\d{1,12}(\.\d{1,8})?$/, 'expected a plain decimal in quotes such as "0.01"');
const ClientOrderId = z.string().regex(/^[.A-Z:/a-z0-9_-]{1,36}$/, 'expected a client order id');
const Asset = z.enum(['USDT', 'BNB']).default('USDT');
const Side = z.enum(['BOTH', 'LONG', 'SHORT']).optional();

/**
 * Something that happens to the venue without any client having asked for it. Without `accountId` it happens to the only account there is.
 * Orders and changes of an account are what its owner, or someone else, does on the website.
 */
export const Action = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('set_leverage'),
    accountId: AccountId,
    symbol: Symbol,
    leverage: z.int().min(1).max(125),
  }),
  z.strictObject({
    kind: z.literal('set_margin_type'),
    accountId: AccountId,
    symbol: Symbol,
    marginType: z.enum(['CROSSED', 'ISOLATED']),
  }),
  z.strictObject({ kind: z.literal('set_position_mode'), accountId: AccountId, hedgeMode: z.boolean() }),
  z
    .strictObject({
      kind: z.literal('place_order'),
      accountId: AccountId,
      symbol: Symbol,
      side: z.enum(['BUY', 'SELL']),
      type: z.enum(['MARKET', 'LIMIT']).default('MARKET'),
      quantity: Decimal,
      price: Decimal.optional(),
      timeInForce: z.enum(['GTC', 'IOC', 'FOK', 'GTX']).optional(),
      reduceOnly: z.boolean().optional(),
      positionSide: Side,
      clientOrderId: ClientOrderId.optional(),
    })
    .superRefine(({ type, price }, context) => {
      if (type === 'LIMIT' && price === undefined) {
        context.addIssue({ code: 'custom', path: ['price'], message: 'is needed for a LIMIT order' });
      }
      if (type === 'MARKET' && price !== undefined) {
        context.addIssue({ code: 'custom', path: ['price'], message: 'means nothing for a MARKET order' });
      }
    }),
  z.strictObject({ kind: z.literal('close_position'), accountId: AccountId, symbol: Symbol, positionSide: Side }),
  z.strictObject({
    kind: z.literal('cancel_order'),
    accountId: AccountId,
    symbol: Symbol,
    clientOrderId: ClientOrderId,
  }),
  z.strictObject({ kind: z.literal('cancel_algo_order'), accountId: AccountId, clientAlgoId: ClientOrderId }),
  z.strictObject({ kind: z.literal('cancel_all_orders'), accountId: AccountId, symbol: Symbol }),
  z.strictObject({ kind: z.literal('deposit'), accountId: AccountId, amount: Decimal, asset: Asset }),
  z.strictObject({ kind: z.literal('withdraw'), accountId: AccountId, amount: Decimal, asset: Asset }),
  /** New orders are refused and nothing is filled or triggered until it is resumed. */
  z.strictObject({ kind: z.literal('halt_symbol'), symbol: Symbol }),
  z.strictObject({ kind: z.literal('resume_symbol'), symbol: Symbol }),
  /** Settlement and delisting: orders are canceled, positions closed at the index, the symbol is closed. */
  z.strictObject({ kind: z.literal('settle_symbol'), symbol: Symbol }),
  /** The venue takes the account's positions of the symbol over, although its margin would hold. */
  z.strictObject({ kind: z.literal('liquidate'), accountId: AccountId, symbol: Symbol }),
  /** Automatic deleveraging of so much (all, when left out) of what the account holds. */
  z.strictObject({
    kind: z.literal('deleverage'),
    accountId: AccountId,
    symbol: Symbol,
    quantity: Decimal.optional(),
  }),
  z.strictObject({ kind: z.literal('expire_listen_key'), accountId: AccountId }),
  z.strictObject({
    kind: z.literal('disconnect_sockets'),
    /** Only sockets that carry this account's user data. */
    accountId: AccountId,
    carrying: z.enum(['user_data', 'market', 'order_api', 'anything']).default('anything'),
  }),
  /** Everything is refused with 503 and no socket opens; without `forMs` until `end_maintenance`. */
  z.strictObject({ kind: z.literal('maintenance'), forMs: Duration.optional() }),
  z.strictObject({ kind: z.literal('end_maintenance') }),
  z.strictObject({ kind: z.literal('clock_jump'), byMs: SignedDuration }),
  z.strictObject({ kind: z.literal('remove_fault'), id: z.string().min(1).max(64) }),
]);
export type Action = z.infer<typeof Action>;

/** Names of all actions, in the order in which the page offers them. */
export const ACTION_KINDS: readonly string[] = Action.options.map(({ shape }) => shape.kind.value);

/** What the venue has, for the check of what rules and actions name. */
export interface Known {
  readonly symbols: readonly string[];
  readonly accountIds: readonly string[];
}

/** Actions that happen to one account, which must be named where there are several. */
const FOR_ONE_ACCOUNT: ReadonlySet<Action['kind']> = new Set([
  'set_leverage',
  'set_margin_type',
  'set_position_mode',
  'place_order',
  'close_position',
  'cancel_order',
  'cancel_algo_order',
  'cancel_all_orders',
  'deposit',
  'withdraw',
  'liquidate',
  'deleverage',
  'expire_listen_key',
]);

/** Returns what is named and does not exist, empty when all is well. */
export function unknownNames(
  named: { readonly accountId?: string | undefined; readonly symbol?: string | undefined },
  { symbols, accountIds }: Known,
): readonly string[] {
  const { accountId: account, symbol: asked } = named;
  const found: string[] = [];
  if (asked !== undefined && !symbols.includes(asked)) {
    found.push(`symbol: ${asked} is not listed here; there are ${symbols.slice(0, 10).join(', ')}`);
  }
  if (account !== undefined && !accountIds.includes(account)) {
    found.push(`accountId: there is no account ${account}; there are ${accountIds.join(', ')}`);
  }
  return found;
}

/** Returns everything that keeps a well-formed action from being carried out here, empty when it can be. */
export function actionViolations(action: Action, known: Known): readonly string[] {
  const accountId = 'accountId' in action ? action.accountId : undefined;
  const symbol = 'symbol' in action ? action.symbol : undefined;
  const isMissing = FOR_ONE_ACCOUNT.has(action.kind) && accountId === undefined && known.accountIds.length > 1;
  const missing = isMissing ? [`accountId: is needed, there are ${known.accountIds.join(', ')}`] : [];
  return [...missing, ...unknownNames({ accountId, symbol }, known)];
}
