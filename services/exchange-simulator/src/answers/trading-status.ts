import { times } from '../domain/fixed.ts';
import type { OrderView, SymbolSpec } from '../domain/venue-types.ts';

/** Share at which the real venue would lock the account. Source: documented answer of GET /fapi/v1/apiTradingStatus. */
const TRIGGERS = { UFR: 0.995, IFER: 0.99, GCR: 0.99, DR: 0.99 } as const;
type Indicator = keyof typeof TRIGGERS;

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 1_000);

const valuesOf = (orders: readonly OrderView[], spec: SymbolSpec): Readonly<Record<Indicator, number>> => {
  const isUnfilled = ({ executedQuantity }: OrderView): boolean => executedQuantity === 0n;
  const atOnce = orders.filter(({ timeInForce, type }) => type === 'LIMIT' && /^(IOC|FOK)$/.test(timeInForce));
  const resting = orders.filter(({ timeInForce, type }) => type === 'LIMIT' && timeInForce === 'GTC');
  const dust = orders.filter(({ quantity, price }) => price > 0n && times(quantity, price) < spec.minNotional);
  return {
    UFR: ratio(orders.filter(isUnfilled).length, orders.length),
    IFER: ratio(atOnce.filter((order) => order.status === 'EXPIRED' && isUnfilled(order)).length, atOnce.length),
    GCR: ratio(resting.filter((order) => order.status === 'CANCELED' && isUnfilled(order)).length, resting.length),
    DR: ratio(dust.length, orders.length),
  };
};

/**
 * Returns the trading rules' indicators: shares of the orders given that were unfilled, expired at once, canceled, or dust. The
 * simulator measures them and locks nobody.
 */
export const tradingStatus = (
  bySymbol: readonly { readonly spec: SymbolSpec; readonly orders: readonly OrderView[] }[],
  nowMs: number,
): object => ({
  indicators: Object.fromEntries(
    bySymbol
      .filter(({ orders }) => orders.length > 0)
      .map(({ spec, orders }) => [
        spec.symbol,
        Object.entries(valuesOf(orders, spec)).map(([indicator, value]) => ({
          isLocked: false,
          plannedRecoverTime: 0,
          indicator,
          value,
          triggerValue: TRIGGERS[indicator as Indicator],
        })),
      ]),
  ),
  updateTime: nowMs,
});
