import { dec, type Decimal, toText, ZERO } from '@qt/kernel';
import type { SuiteRecord } from './record-rows.ts';
import { ofKind, type VenueLedger } from './venue-ledger.ts';
import { type Verdict, verdict } from './verdict.ts';

/** I5: every event reached each consumer that is bound to apply it, once, and no producer skipped a number. */
export const deliveredExactlyOnce = (record: SuiteRecord): Verdict => {
  const breaches = [
    ...record.deliveryFaults.map(({ consumer, eventId, fault }) => `${consumer}, event ${eventId}: ${fault}`),
    ...record.sequenceGaps.map(
      ({ source, type, said, last }) => `${source} said ${said} of ${type}, numbered up to ${last}`,
    ),
  ];
  return verdict('I5', 'every event applied exactly once', breaches, `${record.deliveryCount} deliveries`);
};

/** Which states may follow which, written down a second time: the checker does not trust the executor's own table. */
const SUCCESSORS: Readonly<{ [state: string]: readonly string[] }> = {
  '': [
    'CREATED',
    'SENDING',
    'ACCEPTED',
    'PARTIALLY_FILLED',
    'FILLED',
    'CANCELED',
    'EXPIRED',
    'EXPIRED_IN_MATCH',
    'TRIGGERED',
  ],
  CREATED: ['SENDING'],
  SENDING: [
    'ACCEPTED',
    'REJECTED',
    'UNKNOWN',
    'PARTIALLY_FILLED',
    'FILLED',
    'CANCELED',
    'EXPIRED',
    'EXPIRED_IN_MATCH',
    'TRIGGERED',
  ],
  ACCEPTED: ['PARTIALLY_FILLED', 'TRIGGERED', 'FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED'],
  PARTIALLY_FILLED: ['FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH'],
  TRIGGERED: ['PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED'],
  UNKNOWN: [
    'ACCEPTED',
    'PARTIALLY_FILLED',
    'TRIGGERED',
    'FILLED',
    'CANCELED',
    'EXPIRED',
    'EXPIRED_IN_MATCH',
    'REJECTED',
    'ABSENT',
  ],
  ABSENT: ['LATE_FOUND'],
  LATE_FOUND: ['ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH'],
};

/** I6: every order went from state to state along a legal path, without a break in it. */
export const legalPaths = (record: SuiteRecord): Verdict => {
  const last = new Map<string, string>();
  const breaches: string[] = [];
  for (const { orderId, fromState, toState } of record.transitions) {
    const from = fromState ?? '';
    if ((last.get(orderId) ?? '') !== from) breaches.push(`${orderId}: was ${last.get(orderId)}, moved from ${from}`);
    if (!(SUCCESSORS[from] ?? []).includes(toState))
      breaches.push(`${orderId}: moved from ${from || 'nothing'} to ${toState}`);
    last.set(orderId, toState);
  }
  for (const { orderId, state } of record.orders) {
    if (last.get(orderId) !== state)
      breaches.push(`${orderId}: is ${state}, its path ends at ${last.get(orderId) ?? 'nothing'}`);
  }
  return verdict('I6', 'order states follow legal paths', breaches, `${record.transitions.length} transitions`);
};

/** The venue's income types in the record's words. */
const KINDS: Readonly<{ [incomeType: string]: string }> = {
  TRANSFER: 'transfer',
  REALIZED_PNL: 'realized_pnl',
  COMMISSION: 'fee',
  FUNDING_FEE: 'funding',
  INSURANCE_CLEAR: 'liquidation_fee',
};

/** I7: the wallet moved by exactly what was booked, per asset and kind, on both sides, and the venue's fills explain its own incomes. */
export const moneyAddsUp = (ledger: VenueLedger, record: SuiteRecord): Verdict => {
  const breaches: string[] = [];
  const wallets = new Map<string, Decimal>();
  const venueSums = new Map<string, Decimal>();
  const add = (sums: Map<string, Decimal>, key: string, amount: string): void => {
    sums.set(key, (sums.get(key) ?? ZERO).plus(amount));
  };
  const incomes = ofKind(ledger, 'income');
  for (const income of incomes) {
    add(wallets, income.asset, income.amount);
    const wallet = wallets.get(income.asset) ?? ZERO;
    if (!wallet.eq(income.walletAfter)) {
      breaches.push(
        `income ${income.tranId}: ${income.asset} wallet ${income.walletAfter}, its incomes sum to ${toText(wallet)}`,
      );
      wallets.set(income.asset, dec(income.walletAfter));
    }
    add(venueSums, `${income.asset} ${KINDS[income.incomeType] ?? 'other'}`, income.amount);
  }

  const ourSums = new Map(record.ledgerSums.map(({ asset, kind, amount }) => [`${asset} ${kind}`, dec(amount)]));
  for (const key of new Set([...venueSums.keys(), ...ourSums.keys()])) {
    const venues = venueSums.get(key) ?? ZERO;
    const ours = ourSums.get(key) ?? ZERO;
    if (!venues.eq(ours)) breaches.push(`${key}: ${toText(venues)} at the venue, ${toText(ours)} in the record`);
  }

  const fillSums = new Map<string, Decimal>();
  for (const fill of ofKind(ledger, 'fill')) {
    add(fillSums, 'USDT realized_pnl', fill.realizedPnl);
    add(fillSums, `${fill.feeAsset} fee`, toText(dec(fill.fee).neg()));
  }
  const fromFills = [...venueSums.keys()].filter((key) => / (realized_pnl|fee)$/.test(key));
  for (const key of new Set([...fromFills, ...fillSums.keys()])) {
    const amount = fillSums.get(key) ?? ZERO;
    const income = venueSums.get(key) ?? ZERO;
    if (!income.eq(amount)) {
      breaches.push(`${key}: the venue's fills make ${toText(amount)}, its incomes ${toText(income)}`);
    }
  }
  const end = [...wallets].map(([asset, wallet]) => `${toText(wallet)} ${asset}`).join(', ');
  return verdict(
    'I7',
    'the wallet moved by what was booked',
    breaches,
    `${incomes.length} incomes, wallet ${end || 'empty'}`,
  );
};

const MAX_UNPROTECTED_MS = 2_000;
const ALGO_OVER = new Set(['CANCELED', 'FINISHED', 'EXPIRED', 'REJECTED', 'TRIGGERED']);

/** Returns the longest time that a position may be seen without a stop. A venue that runs n times faster than the clock allows n times that. */
const allowanceMs = (ledger: VenueLedger): number => {
  const speeds = ofKind(ledger, 'run').map(({ speed }) => Number(speed));
  return MAX_UNPROTECTED_MS * Math.max(1, ...speeds.filter((speed) => Number.isFinite(speed)));
};

/** I8: a position never stands without a live stop on the closing side for longer than 2 s. */
export const alwaysProtected = (ledger: VenueLedger): Verdict => {
  const allowedMs = allowanceMs(ledger);
  const positions = new Map<string, Decimal>();
  const stops = new Map<string, { readonly symbol: string; readonly side: string }>();
  const bareSinceMs = new Map<string, number>();
  const breaches: string[] = [];
  let longestMs = 0;

  const look = (symbol: string, timeMs: number): void => {
    const position = positions.get(symbol) ?? ZERO;
    const closingSide = position.isNegative() ? 'BUY' : 'SELL';
    const isBare =
      !position.isZero() && ![...stops.values()].some((stop) => stop.symbol === symbol && stop.side === closingSide);
    const since = bareSinceMs.get(symbol);
    if (since !== undefined) {
      const gapMs = timeMs - since;
      longestMs = Math.max(longestMs, gapMs);
      if (!isBare) bareSinceMs.delete(symbol);
      if (gapMs > allowedMs && !isBare) breaches.push(`${symbol}: without a stop for ${gapMs} ms from ${since}`);
    } else if (isBare) bareSinceMs.set(symbol, timeMs);
  };

  for (const entry of ledger.records) {
    if (entry.kind === 'fill') {
      positions.set(entry.symbol, dec(entry.positionAfter));
      look(entry.symbol, entry.timeMs);
    } else if (entry.kind === 'algo' && entry.type === 'STOP_MARKET' && (entry.closePosition || entry.reduceOnly)) {
      stops.set(entry.algoId, { symbol: entry.symbol, side: entry.side });
      look(entry.symbol, entry.timeMs);
    } else if (entry.kind === 'algo_update' && ALGO_OVER.has(entry.status)) {
      const stop = stops.get(entry.algoId);
      stops.delete(entry.algoId);
      if (stop) look(stop.symbol, entry.timeMs);
    }
  }
  const endMs = ledger.lastTimeMs;
  for (const [symbol, since] of bareSinceMs) {
    if (endMs - since > allowedMs)
      breaches.push(`${symbol}: without a stop since ${since}, ${endMs - since} ms to the end`);
  }
  return verdict(
    'I8',
    'every position has a live stop',
    breaches,
    `${positions.size} symbols, longest gap ${longestMs} ms, ${allowedMs} ms allowed`,
  );
};
