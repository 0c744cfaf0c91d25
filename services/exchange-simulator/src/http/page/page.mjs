// The page at `/`: asks for the view once a second, and hears candles and best prices over a socket of the venue itself.
import { drawChart } from './chart.mjs';
import { showFaults } from './faults.mjs';
import { node, on, rows } from './elements.mjs';

const VIEW_EVERY_MS = 1_000;
const BOOK_LEVELS = 10;

const byId = (id) => document.getElementById(id);
const live = { symbol: '', view: null, socket: null, socketKey: '' };

const isoOf = (timeMs) => new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
const shortTime = (timeMs) => isoOf(timeMs).slice(5, 19);
const signed = (text) => node('span', { class: text.startsWith('-') ? 'down' : Number(text) > 0 ? 'up' : '' }, text);

/** Two places to look at, all of them to point at. */
const money = (text) =>
  node('span', { title: text, class: text.startsWith('-') ? 'down' : '' }, Number(text).toFixed(2));
const gain = (text) =>
  node(
    'span',
    { title: text, class: Number(text) < 0 ? 'down' : Number(text) > 0 ? 'up' : '' },
    Number(text).toFixed(2),
  );

const placesIn = (text) => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);

const nameOf = (order) =>
  `${order.side} ${order.type} ${order.closePosition ? 'all' : order.quantity} @ ${order.triggerPrice ?? order.price}`;
const isStop = (order) => order.triggerPrice !== undefined;

const linesOf = (view) =>
  view.accounts.flatMap((account) => [
    ...account.orders
      .filter(({ symbol }) => symbol === view.symbol)
      .map((order) => ({
        price: order.triggerPrice ?? order.price,
        label: nameOf(order),
        kind: isStop(order) ? 'stop' : order.side === 'BUY' ? 'up' : 'down',
      }))
      .filter(({ price }) => Number(price) > 0),
    ...account.positions
      .filter(({ symbol }) => symbol === view.symbol)
      .map((position) => ({
        price: position.entryPrice,
        label: `position ${position.quantity} @ ${position.entryPrice}`,
        kind: 'entry',
      })),
  ]);

const showChart = (view) => {
  const svg = byId('chart');
  const fills = view.accounts.flatMap((account) => account.fills.filter(({ symbol }) => symbol === view.symbol));
  const lines = linesOf(view);
  drawChart(svg, {
    candles: view.candles,
    intervalMs: view.intervalMs,
    lines,
    fills: fills.map((fill) => ({
      ...fill,
      label: `${fill.side} ${fill.quantity} @ ${fill.price}, ${shortTime(fill.timeMs)}`,
    })),
    lastPrice: view.lastPrice,
  });
  svg.setAttribute(
    'aria-label',
    `${view.symbol}, ${view.state.interval} candles, last price ${view.lastPrice}; ${lines.length} lines of orders and positions, ${fills.length} fills`,
  );
};

const showHead = ({ state, symbol, symbols, mark }) => {
  const end =
    state.endMs === null ? 'no end' : state.isFinished ? 'finished' : `ends ${isoOf(state.endMs).slice(0, 16)}`;
  const speed = typeof state.speed === 'number' ? `${state.speed}x` : state.speed;
  byId('time').textContent = isoOf(state.timeMs).slice(0, 19);
  const counts = [
    `${state.interval} candles played: ${state.candlesPlayed}`,
    `orders: ${state.orders}`,
    `fills: ${state.fills}`,
    `sockets: ${state.sockets}`,
  ];
  byId('facts').textContent = ['UTC', end, `speed ${speed}`, ...counts].join(' · ');
  byId('step').hidden = state.speed !== 'stepped';
  const list = byId('symbols');
  if (list.dataset.shown !== symbols.map((one) => one.symbol).join()) {
    list.dataset.shown = symbols.map((one) => one.symbol).join();
    list.replaceChildren(...symbols.map((one) => node('option', { value: one.symbol }, one.symbol)));
  }
  list.value = symbol;
  byId('mark').textContent =
    `mark ${mark.markPrice} · index ${mark.indexPrice} · funding ${(Number(mark.fundingRate) * 100).toFixed(4)} % at ${shortTime(mark.nextFundingTimeMs).slice(6, 11)}`;
};

const showBook = ({ book }) => {
  const largest = Math.max(...[...book.bids, ...book.asks].map(([, quantity]) => Number(quantity)), 0) || 1;
  const level =
    (kind) =>
    ([price, quantity]) => {
      const bar = node('meter', { min: 0, max: largest, value: quantity, class: kind });
      bar.setAttribute('aria-hidden', 'true');
      return [node('span', { class: kind }, price), quantity, bar];
    };
  const asks = book.asks.slice(0, BOOK_LEVELS).reverse().map(level('down'));
  rows(byId('asks'), asks, 'no asks');
  rows(byId('bids'), book.bids.slice(0, BOOK_LEVELS).map(level('up')), 'no bids');
};

const showAccounts = ({ accounts }) => {
  rows(
    byId('accounts'),
    accounts.map((account) => [
      account.accountId,
      account.assets
        .map(({ asset, wallet }) => `${asset === 'USDT' ? Number(wallet).toFixed(2) : wallet} ${asset}`)
        .join(', '),
      gain(account.unrealizedUsdt),
      money(account.availableUsdt),
      money(account.marginUsdt),
    ]),
    'no account',
  );
  rows(
    byId('positions'),
    accounts.flatMap((account) =>
      account.positions.map((position) => [
        account.accountId,
        position.symbol,
        position.positionSide,
        signed(position.quantity),
        position.entryPrice,
        Number(position.markPrice).toFixed(placesIn(position.entryPrice) + 1),
        gain(position.unrealizedUsdt),
        `${position.leverage}x ${position.marginType.toLowerCase()}`,
        position.liquidationPrice === '0' ? 'none' : Number(position.liquidationPrice).toFixed(2),
      ]),
    ),
    'no open position',
  );
  rows(
    byId('orders'),
    accounts.flatMap((account) =>
      account.orders.map((order) => [
        account.accountId,
        order.symbol,
        node('span', { class: order.side === 'BUY' ? 'up' : 'down' }, order.side),
        order.type,
        order.closePosition ? 'whole position' : order.quantity,
        order.triggerPrice === undefined ? order.price : `at ${order.triggerPrice}`,
        order.executed ?? '',
        order.clientOrderId,
      ]),
    ),
    'no open order',
  );
  rows(
    byId('fills'),
    accounts
      .flatMap((account) => account.fills.map((fill) => ({ ...fill, accountId: account.accountId })))
      .sort((a, b) => b.timeMs - a.timeMs)
      .slice(0, 20)
      .map((fill) => [
        shortTime(fill.timeMs),
        fill.accountId,
        fill.symbol,
        node('span', { class: fill.side === 'BUY' ? 'up' : 'down' }, fill.side),
        fill.quantity,
        fill.price,
        `${Number(fill.fee).toFixed(4)} ${fill.feeAsset}`,
        gain(fill.realizedUsdt),
      ]),
    'no fill yet',
  );
};

const showLedger = ({ ledger }) => {
  rows(
    byId('ledger'),
    ledger
      .toReversed()
      .map(({ seq, timeMs, kind, ...rest }) => [
        String(seq),
        shortTime(timeMs),
        kind,
        node('code', {}, JSON.stringify(rest)),
      ]),
    'nothing written yet',
  );
};

const show = (view) => {
  live.view = view;
  showHead(view);
  showChart(view);
  showBook(view);
  showAccounts(view);
  showLedger(view);
  listen(view);
};

/** Candles and best prices as any client hears them. */
const listen = ({ symbol, state }) => {
  const key = `${symbol} ${state.interval}`;
  if (live.socketKey === key) return;
  live.socketKey = key;
  live.socket?.close();
  const name = symbol.toLowerCase();
  const origin = location.origin.replace(/^http/, 'ws');
  const socket = new WebSocket(`${origin}/stream?streams=${name}@kline_${state.interval}/${name}@bookTicker`);
  live.socket = socket;
  socket.addEventListener('message', ({ data }) => {
    const { data: event } = JSON.parse(data);
    if (live.view?.symbol !== symbol) return;
    if (event.e === 'kline') hearCandle(live.view, event.k);
    if (event.e === 'bookTicker') hearBest(live.view, event);
  });
  // The next view opens another one.
  socket.addEventListener('close', () => {
    if (live.socket === socket) live.socketKey = '';
  });
};

const hearCandle = (view, { t, o, h, l, c, v }) => {
  const candle = [t, o, h, l, c, v];
  const place = view.candles.findIndex(([openTimeMs]) => openTimeMs === t);
  if (place >= 0) view.candles[place] = candle;
  else if (t > (view.candles.at(-1)?.[0] ?? 0)) view.candles.push(candle);
  view.lastPrice = c;
  showChart(view);
};

/** Levels that the new best price has passed are gone. */
const hearBest = (view, { b, B, a, A }) => {
  view.book.bids = [[b, B], ...view.book.bids.filter(([price]) => Number(price) < Number(b))];
  view.book.asks = [[a, A], ...view.book.asks.filter(([price]) => Number(price) > Number(a))];
  showBook(view);
};

const ask = async () => {
  const trouble = byId('trouble');
  try {
    const query = live.symbol === '' ? '' : `?symbol=${encodeURIComponent(live.symbol)}`;
    const response = await fetch(`/control/view${query}`, { cache: 'no-store' });
    if (!response.ok) throw new Error(`the venue answered ${response.status}`);
    show(await response.json());
    trouble.hidden = true;
  } catch (error) {
    trouble.textContent = `No answer from the venue: ${error.message}`;
    trouble.hidden = false;
  }
};

const post = (path, body) =>
  fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

byId('symbols').addEventListener('change', ({ target }) => {
  live.symbol = target.value;
  void ask();
});
on(byId('step'), 'click', async () => {
  await post('/control/advance', { untilMs: live.view.state.nextCloseMs });
  await post('/control/close', {});
  await ask();
});
addEventListener('resize', () => live.view && showChart(live.view));

const keepAsking = async () => {
  if (!document.hidden) await ask();
  setTimeout(keepAsking, VIEW_EVERY_MS);
};
void keepAsking();
void showFaults(post);
