// Draws candles with what an account has on them. Plain SVG: colors come from the style sheet, so that light and dark are its matter.
const SVG = 'http://www.w3.org/2000/svg';
const AXIS_WIDTH = 78;
const AXIS_HEIGHT = 22;
const VOLUME_SHARE = 0.16;
const CANDLE_PIXELS = 9;
const HEADROOM_SHARE = 0.06;

const element = (tag, attributes, text) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
};

const placesIn = (text) => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);

/** Returns round numbers inside the span, about `count` of them. */
const ticksIn = (low, high, count) => {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
};

const clockOf = (timeMs, intervalMs) => {
  const iso = new Date(timeMs).toISOString();
  return intervalMs >= 3_600_000 ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(11, 16);
};

/** Returns how many candles fit in so many pixels. */
export const candlesIn = (width) => Math.max(20, Math.floor((width - AXIS_WIDTH) / CANDLE_PIXELS));

/**
 * Draws into `svg`. `candles`: [openTimeMs, open, high, low, close, volume] as texts, oldest first. `lines`: {price, label, kind};
 * `fills`: {timeMs, price, side, label}.
 */
export const drawChart = (svg, { candles, intervalMs, lines, fills, lastPrice }) => {
  const width = svg.clientWidth;
  const height = svg.clientHeight;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const shown = candles.slice(-candlesIn(width));
  if (shown.length === 0 || width === 0) return svg.replaceChildren();
  const places = placesIn(String(lastPrice ?? shown.at(-1)[4]));
  const right = width - AXIS_WIDTH;
  const bottom = height - AXIS_HEIGHT;
  const volumeTop = bottom * (1 - VOLUME_SHARE);
  const lows = shown.map((candle) => Number(candle[3]));
  const highs = shown.map((candle) => Number(candle[2]));
  const [rawLow, rawHigh] = [Math.min(...lows), Math.max(...highs)];
  const spread = rawHigh - rawLow || rawHigh * 0.001;
  // Orders near the candles widen the view; far ones are named at its edge.
  const near = lines.map(({ price }) => Number(price)).filter((price) => Math.abs(price - rawLow) < 2 * spread);
  const low = Math.min(rawLow, ...near) - spread * HEADROOM_SHARE;
  const high = Math.max(rawHigh, ...near) + spread * HEADROOM_SHARE;
  const yOf = (price) => volumeTop - ((price - low) / (high - low)) * volumeTop;
  const slot = right / shown.length;
  const firstMs = Number(shown[0][0]);
  const xOf = (timeMs) => ((timeMs - firstMs) / intervalMs) * slot;
  const largest = Math.max(...shown.map((candle) => Number(candle[5])), Number.MIN_VALUE);
  const nodes = [];

  for (const tick of ticksIn(low, high, 6)) {
    const y = yOf(tick);
    nodes.push(element('line', { x1: 0, x2: right, y1: y, y2: y, class: 'grid' }));
    nodes.push(element('text', { x: right + 6, y: y + 4, class: 'axis' }, tick.toFixed(places)));
  }
  const every = Math.ceil(90 / slot);
  shown.forEach(([openTimeMs, openText, highText, lowText, closeText, volumeText], index) => {
    const [open, close] = [Number(openText), Number(closeText)];
    const middle = (index + 0.5) * slot;
    const direction = close >= open ? 'up' : 'down';
    const body = Math.max(1, slot * 0.68);
    const tall = (Number(volumeText) / largest) * (bottom - volumeTop);
    const x = middle - body / 2;
    nodes.push(
      element('rect', { x, y: bottom - tall, width: body, height: tall, class: `volume ${direction}` }),
      element('line', {
        x1: middle,
        x2: middle,
        y1: yOf(Number(highText)),
        y2: yOf(Number(lowText)),
        class: direction,
      }),
      element('rect', {
        x,
        y: yOf(Math.max(open, close)),
        width: body,
        height: Math.max(1, Math.abs(yOf(open) - yOf(close))),
        class: `body ${direction}`,
      }),
    );
    if (index % every === 0 && middle + 30 < right) {
      const at = { x: Math.max(2, middle - 15), y: height - 6, class: 'axis' };
      nodes.push(element('text', at, clockOf(Number(openTimeMs), intervalMs)));
    }
  });
  for (const { timeMs, price, side, label } of fills) {
    const x = xOf(timeMs);
    if (x < 0 || x > right) continue;
    const y = yOf(Number(price));
    const points = side === 'BUY' ? [x, y, x - 6, y + 11, x + 6, y + 11] : [x, y, x - 6, y - 11, x + 6, y - 11];
    const mark = element('polygon', { points: points.join(' '), class: `fill ${side === 'BUY' ? 'up' : 'down'}` });
    mark.append(element('title', {}, label));
    nodes.push(mark);
  }
  let lastLabelY = Number.NEGATIVE_INFINITY;
  for (const { price, label, kind } of [...lines].sort((a, b) => Number(b.price) - Number(a.price))) {
    const exact = yOf(Number(price));
    const y = Math.min(Math.max(exact, 12), volumeTop - 2);
    if (exact === y) nodes.push(element('line', { x1: 0, x2: right, y1: y, y2: y, class: `order ${kind}` }));
    lastLabelY = Math.max(y - 4, lastLabelY + 15);
    nodes.push(
      element(
        'text',
        { x: 4, y: lastLabelY, class: `label ${kind}` },
        exact === y ? label : `${exact < y ? '↑' : '↓'} ${label}`,
      ),
    );
  }
  if (lastPrice !== undefined) {
    const y = yOf(Number(lastPrice));
    nodes.push(element('line', { x1: 0, x2: right, y1: y, y2: y, class: 'last' }));
    nodes.push(element('rect', { x: right, y: y - 10, width: AXIS_WIDTH, height: 20, class: 'last' }));
    nodes.push(element('text', { x: right + 6, y: y + 4, class: 'last' }, String(lastPrice)));
  }
  svg.replaceChildren(...nodes);
};
