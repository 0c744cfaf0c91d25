import type { SimulatorPlan } from './simulator-options.ts';

/** What a running venue says of itself. */
export interface VenueFacts {
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly timeMs: number;
  readonly startMs: number;
  readonly endMs: number | null;
}

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');

const speedText = ({ speed, isNow }: SimulatorPlan): string => {
  if (speed === 'stepped') return 'stepped: time stands still until POST /control/advance';
  if (speed === 'max') return 'max: as fast as this machine can';
  if (isNow && speed === 1) return '1x, now: market time is the time of this machine';
  return `${speed}x: clients must take the time from the venue${isNow ? '' : ' (--now is for those that keep their own)'}`;
};

/** Returns what `qt simulator` prints once the venue answers. */
export const greeting = (plan: SimulatorPlan, url: string, facts: VenueFacts): string => {
  const { symbols, interval, startMs, endMs } = facts;
  const sockets = url.replace(/^http/, 'ws');
  const end = endMs === null ? 'without end' : `to ${isoOf(endMs)}`;
  const lines = [
    `The venue is up: ${url}/ (a page with its market, accounts and faults)`,
    `  symbols     ${symbols.join(', ')}: ${interval} candles, ${plan.market}`,
    `  span        ${isoOf(startMs)} ${end}`,
    `  speed       ${speedText(plan)}`,
  ];
  const { credentials } = plan;
  if (credentials === null) lines.push('  accounts    those of the file, with their keys');
  else if (credentials.areOurs) {
    lines.push('  account     10000 USDT, in memory', `  API key     ${credentials.apiKey}`);
    lines.push(`  API secret  ${credentials.apiSecret}`);
  } else lines.push('  account     of the API key given');
  lines.push(
    '',
    'Point a client at it, here binance-api-node; others stand in services/exchange-simulator/README.md:',
    "  import Binance from 'binance-api-node'",
    '  const client = Binance.default({',
    `    apiKey: '${credentials?.areOurs === true ? credentials.apiKey : '…'}',`,
    `    apiSecret: '${credentials?.areOurs === true ? credentials.apiSecret : '…'}',`,
    `    httpFutures: '${url}',`,
    `    wsFuturesPublic: '${sockets}/public/ws', wsFuturesMarket: '${sockets}/market/ws', wsFuturesPrivate: '${sockets}/private/ws',`,
    '  })',
    '',
    'Ctrl-C ends it.',
  );
  return lines.join('\n');
};
