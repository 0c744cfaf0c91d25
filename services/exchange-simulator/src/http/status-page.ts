import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Router } from 'express';
import type { RouteTable } from './route.ts';

interface StatusPageDeps {
  readonly routes: RouteTable;
  /** Kinds of faults that a rule may have. */
  readonly faultKinds: readonly string[];
  /** Kinds of what can happen by itself. */
  readonly actionKinds: readonly string[];
}

const FOLDER = join(import.meta.dirname, 'page');
const FILES: Readonly<Record<string, string>> = {
  'page.mjs': 'text/javascript',
  'chart.mjs': 'text/javascript',
  'elements.mjs': 'text/javascript',
  'faults.mjs': 'text/javascript',
  'page.css': 'text/css',
};
/** Everything comes from here; sockets are named by scheme, because not every browser counts them to `self`. Plain http must stay http. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:";

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (value: unknown): string => String(value).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found);

const table = (id: string, head: readonly string[]): string =>
  `<div class="scroll"><table><thead><tr>${head.map((text) => `<th scope="col">${escape(text)}</th>`).join('')}</tr></thead><tbody id="${id}"></tbody></table></div>`;

const options = (kinds: readonly string[]): string =>
  kinds.map((kind) => `<option value="${escape(kind)}">${escape(kind.replaceAll('_', ' '))}</option>`).join('');

const HOW_TO = (address: string): string => `const client = Binance.default({
  apiKey, apiSecret,
  httpFutures: 'http://${address}',
  wsFuturesPublic: 'ws://${address}/public/ws',
  wsFuturesMarket: 'ws://${address}/market/ws',
  wsFuturesPrivate: 'ws://${address}/private/ws',
})`;

/** Returns the page's frame; what moves is filled in by its script. It shows no key. */
const frame = ({ routes, faultKinds, actionKinds }: StatusPageDeps, address: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Exchange simulator</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/page/page.css">
<script type="module" src="/page/page.mjs"></script></head><body>
<header><h1>Exchange simulator</h1><b id="time"></b><span id="facts"></span></header>
<noscript><p>This page shows the venue through a script. Without one: <a href="/control/view">/control/view</a> as JSON.</p></noscript>
<div id="trouble" role="alert" hidden></div>
<main>
<section class="wide" aria-label="Market"><div class="bar"><label>Market <select id="symbols"></select></label><span id="mark"></span>
<button id="step" type="button" hidden>Play to the next close</button></div>
<svg id="chart" role="img" aria-label="Candles"></svg></section>
<section class="narrow"><h2>Book</h2><table class="book"><thead hidden><tr><th>Price</th><th>Quantity</th><th>Share</th></tr></thead>
<tbody id="asks"></tbody><tbody id="bids"></tbody></table></section>
<section><h2>Accounts</h2>${table('accounts', ['Account', 'Wallet', 'Unrealized USDT', 'Available USDT', 'Margin in use USDT'])}</section>
<section><h2>Positions</h2>${table('positions', ['Account', 'Symbol', 'Side', 'Quantity', 'Entry', 'Mark', 'Unrealized USDT', 'Leverage', 'Liquidation'])}</section>
<section><h2>Open orders and stops</h2>${table('orders', ['Account', 'Symbol', 'Side', 'Type', 'Quantity', 'Price', 'Filled', 'Client order id'])}</section>
<section><h2>Last fills</h2>${table('fills', ['Time', 'Account', 'Symbol', 'Side', 'Quantity', 'Price', 'Fee', 'Realized USDT'])}</section>
<section class="half"><h2>Faults</h2><form id="fault-form">
<label>Kind <select name="kind">${options(faultKinds)}</select></label>
<label class="grow">Path or event (empty: all that the kind concerns) <input name="path" list="paths" autocomplete="off"></label>
<label>Account <input name="accountId" size="10" autocomplete="off"></label>
<label>Times <input name="times" type="number" min="1" value="1"></label>
<label>Probability <input name="probability" type="number" min="0" max="1" step="any"></label>
<label>Delay ms <input name="delayMs" type="number" min="0"></label>
<button>Switch on</button><button id="clear-faults" type="button">Switch all off</button><output id="fault-answer" aria-live="polite"></output></form>
<datalist id="paths">${[...new Set(routes.list().map((line) => line.slice(line.lastIndexOf(' ') + 1))), '/private', '/market', 'ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE', 'ALGO_UPDATE'].map((path) => `<option value="${escape(path)}">`).join('')}</datalist>
${table('rules', ['Rule', 'Kind', 'Concerns', 'Struck', ''])}</section>
<section class="half"><h2>What happens by itself</h2><form id="action-form">
<label>Action <select name="kind">${options(actionKinds)}</select></label>
<label class="grow">Fields (JSON) <textarea name="fields" rows="2" spellcheck="false"></textarea></label>
<button>Let it happen</button><output id="action-answer" aria-live="polite"></output></form></section>
<section><h2>Ledger</h2><div class="log" tabindex="0">${table('ledger', ['Line', 'Time', 'Kind', 'Facts'])}</div></section>
<section class="half"><h2>How to connect</h2><p>It speaks Binance USD-M futures: change a client's addresses, and nothing else. The key and secret stand where
the venue was started. No real exchange and no real money is behind it.</p>
<p>REST <code>http://${escape(address)}/fapi</code><br>sockets <code>ws://${escape(address)}/ws</code>, <code>/stream</code>, and both under
<code>/public</code>, <code>/market</code>, <code>/private</code><br>order API <code>ws://${escape(address)}/ws-fapi/v1</code></p>
<p>binance-api-node:</p><pre>${escape(HOW_TO(address))}</pre><p class="faint">Other clients: services/exchange-simulator/README.md</p></section>
<section class="half"><details><summary>Served: ${routes.list().length} paths under /fapi</summary><p class="columns"><code>${routes.list().map(escape).join('<br>')}</code></p></details>
<p>Besides: <a href="/control/state">/control/state</a>, <a href="/control/view">/control/view</a>, <a href="/control/faults">/control/faults</a>,
<a href="/health">/health</a>, <a href="/ready">/ready</a>, <a href="/metrics">/metrics</a>.</p></section>
</main></body></html>`;

/** Serves the page at `/` and its files. */
export function statusPage(router: Router, deps: StatusPageDeps): void {
  const files = new Map(Object.keys(FILES).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
  router.get('/', (request, response) => {
    response.set('content-security-policy', POLICY).type('html');
    response.send(frame(deps, request.headers.host ?? '127.0.0.1:8090'));
  });
  router.get('/page/:name', (request, response, next) => {
    const { name } = request.params;
    const text = files.get(name);
    if (text === undefined) next();
    else response.type(FILES[name] ?? 'text/plain').send(text);
  });
}
