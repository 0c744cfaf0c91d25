import { textOf } from '../domain/fixed.ts';
import type { Venue } from '../domain/venue.ts';
import type { RouteTable } from './route.ts';

interface StatusPageDeps {
  readonly venue: Venue;
  readonly routes: RouteTable;
  readonly accountIds: readonly string[];
  readonly speed: string | number;
  readonly sockets: () => number;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (value: unknown): string => String(value).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();

const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string => {
  if (rows.length === 0) return '<p>none</p>';
  const cells = (tag: string, values: readonly unknown[]) =>
    `<tr>${values.map((value) => `<${tag}>${escape(value)}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('')}</table>`;
};

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse}th,td{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid #d8dee4;font-variant-numeric:tabular-nums}
code{font-size:13px}@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}}`;

/** Returns the page at `/`: what is served and how things stand. It shows no key. */
export function statusPage({ venue, routes, accountIds, speed, sockets }: StatusPageDeps): string {
  const state = venue.state();
  const end = state.endMs === null ? 'no end' : `ends ${isoOf(state.endMs)}`;
  const accounts = accountIds.map((accountId) => venue.account(accountId));
  const markets = venue.specs().map(({ symbol }) => {
    const mark = venue.mark(symbol);
    const book = venue.bookTicker(symbol);
    return [symbol, textOf(mark.markPrice), textOf(book.bidPrice), textOf(book.askPrice), textOf(mark.fundingRate)];
  });
  const positions = accounts.flatMap((account) =>
    account.positions
      .filter((position) => position.signedQuantity !== 0n)
      .map((position) => [
        account.accountId,
        position.symbol,
        textOf(position.signedQuantity),
        textOf(position.entryPrice),
        textOf(position.unrealizedPnl),
      ]),
  );
  const orders = accounts.flatMap(({ accountId }) => [
    ...venue
      .openOrders(accountId)
      .map((order) => [accountId, order.symbol, order.side, order.type, textOf(order.quantity), textOf(order.price)]),
    ...venue
      .openAlgos(accountId)
      .map((algo) => [
        accountId,
        algo.symbol,
        algo.side,
        algo.type,
        algo.closePosition ? 'whole position' : textOf(algo.quantity),
        textOf(algo.triggerPrice),
      ]),
  ]);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Exchange simulator</title><style>${STYLE}</style></head><body>
<h1>Exchange simulator</h1>
<p>Speaks Binance USD-M futures over REST (<code>/fapi</code>) and websocket (<code>/ws</code>, <code>/stream</code>, and both under
<code>/public</code>, <code>/market</code>, <code>/private</code>). No real money and no real exchange is behind it.</p>
<p>Market time <b>${escape(isoOf(state.timeMs))}</b>, ${escape(end)}${state.isFinished ? ', finished' : ''} · speed ${escape(speed)} ·
interval ${escape(state.interval)} · candles ${escape(state.candlesPlayed)} · orders ${escape(state.orders)} · fills ${escape(state.fills)} · sockets ${escape(sockets())}</p>
<h2>Market</h2>${table(['Symbol', 'Mark', 'Bid', 'Ask', 'Funding rate'], markets)}
<h2>Accounts</h2>${table(
    ['Account', 'Wallet USDT', 'Unrealized USDT', 'Available USDT'],
    accounts.map((account) => [
      account.accountId,
      textOf(account.walletBalance),
      textOf(account.unrealizedPnl),
      textOf(account.availableBalance),
    ]),
  )}
<h2>Positions</h2>${table(['Account', 'Symbol', 'Quantity', 'Entry', 'Unrealized USDT'], positions)}
<h2>Open orders</h2>${table(['Account', 'Symbol', 'Side', 'Type', 'Quantity', 'Price or trigger'], orders)}
<h2>Served</h2><p><code>${routes.list().map(escape).join('<br>')}</code></p>
</body></html>`;
}
