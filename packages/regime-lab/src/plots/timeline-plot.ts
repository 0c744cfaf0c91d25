import { drawing, element, label, type Markup } from './markup.ts';
import { regimeColor, regimeLabel } from './regime-colors.ts';
import { logTicks, niceTicks, shortNumber, timeText } from './scale.ts';
import type { TimelineBucket } from './timeline-sketch.ts';

const WIDTH = 1_060;
const PRICE_HEIGHT = 300;
const STRIP_HEIGHT = 22;
const STRIP_GAP = 8;
const LEFT = 92;
/** From here on a plain axis would show the calm times as a flat line. */
const LEAST_RATIO_FOR_LOG = 4;
const TOP = 12;

/** A row of colors under the price. */
export interface TimelineStrip {
  readonly name: string;
  /** Shape: as the buckets. */
  readonly regimeIds: readonly number[];
}

export interface Timeline {
  readonly title: string;
  readonly buckets: readonly TimelineBucket[];
  /** Drawn behind the price, over its whole height. */
  readonly regimeIds: readonly number[];
  readonly strips: readonly TimelineStrip[];
  /** What a place on the axis is called. */
  readonly placeText: (bucket: TimelineBucket) => string;
}

interface Run {
  readonly from: number;
  to: number;
  readonly regimeId: number;
}

const runsOf = (regimeIds: readonly number[]): Run[] => {
  const runs: Run[] = [];
  for (const [index, regimeId] of regimeIds.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.regimeId === regimeId) last.to = index + 1;
    else runs.push({ from: index, to: index + 1, regimeId });
  }
  return runs;
};

const band = (regimeIds: readonly number[], place: { y: number; height: number; class: string }): Markup[] => {
  const step = WIDTH / Math.max(1, regimeIds.length);
  return runsOf(regimeIds).map(({ from, to, regimeId }) =>
    element(
      'rect',
      {
        x: LEFT + from * step,
        y: place.y,
        width: (to - from) * step + 0.3,
        height: place.height,
        fill: regimeColor(regimeId),
        class: place.class,
      },
      element('title', {}, `${regimeId} ${regimeLabel(regimeId)}`),
    ),
  );
};

/** Returns a place text for times. */
export const timeOfBucket = (buckets: readonly TimelineBucket[]): ((bucket: TimelineBucket) => string) => {
  const spanMs = (buckets.at(-1)?.openTimeMs ?? 0) - (buckets[0]?.openTimeMs ?? 0);
  return ({ openTimeMs }) => timeText(openTimeMs, spanMs);
};

/** Returns where prices stand between 0 and 1, with a little air at both ends; logarithmic where they span much. */
const priceAxis = (low: number, high: number): { heightOf: (price: number) => number; ticks: number[] } => {
  const isLog = low > 0 && high / low >= LEAST_RATIO_FOR_LOG;
  const scaled = (price: number): number => (isLog ? Math.log(price) : price);
  const span = high > low ? scaled(high) - scaled(low) : Math.max(1e-9, Math.abs(scaled(high)) * 0.02);
  const bottom = scaled(low) - 0.04 * span;
  return {
    heightOf: (price) => (scaled(price) - bottom) / (1.08 * span),
    ticks: isLog ? logTicks(low, high, 6) : niceTicks(low, high, 5),
  };
};

/** Draws the price over the color of the regime that was published then; each pixel stands for many candles where there are many. */
export const timelinePlot = ({ title, buckets, regimeIds, strips, placeText }: Timeline): Markup => {
  const low = Math.min(...buckets.map(({ lowClose }) => lowClose));
  const high = Math.max(...buckets.map(({ highClose }) => highClose));
  const { heightOf, ticks } = priceAxis(low, high);
  const yOf = (price: number): number => TOP + PRICE_HEIGHT * (1 - heightOf(price));
  const step = WIDTH / Math.max(1, buckets.length);
  const xOf = (index: number): number => LEFT + (index + 0.5) * step;
  const points = buckets
    .map(({ lastClose }, index) => `${xOf(index).toFixed(1)},${yOf(lastClose).toFixed(1)}`)
    .join(' ');
  const isSqueezed = buckets.some(({ lowClose, highClose }) => lowClose < highClose);
  const reach = buckets
    .map(
      (bucket, index) =>
        `M${xOf(index).toFixed(1)} ${yOf(bucket.lowClose).toFixed(1)}V${yOf(bucket.highClose).toFixed(1)}`,
    )
    .join('');
  const bottom = TOP + PRICE_HEIGHT + strips.length * (STRIP_HEIGHT + STRIP_GAP);
  const places = Array.from({ length: 7 }, (_, tick) => Math.round((tick / 6) * (buckets.length - 1)));
  return drawing(
    { width: LEFT + WIDTH + 34, height: bottom + 34, title },
    band(regimeIds, { y: TOP, height: PRICE_HEIGHT, class: 'band' }),
    ticks.map((tick) => [
      element('line', { x1: LEFT, x2: LEFT + WIDTH, y1: yOf(tick), y2: yOf(tick), class: 'grid-over' }),
      label(shortNumber(tick), { x: LEFT - 6, y: yOf(tick) + 4, anchor: 'end' }),
    ]),
    isSqueezed ? element('path', { d: reach, class: 'reach' }) : null,
    element('polyline', { points, class: 'price' }),
    strips.map(({ name, regimeIds: ids }, row) => {
      const y = TOP + PRICE_HEIGHT + STRIP_GAP + row * (STRIP_HEIGHT + STRIP_GAP);
      return [
        band(ids, { y, height: STRIP_HEIGHT, class: 'strip' }),
        label(name, { x: LEFT - 6, y: y + STRIP_HEIGHT / 2 + 4, anchor: 'end' }),
      ];
    }),
    [...new Set(places)].map((index) => {
      const bucket = buckets[index];
      return bucket === undefined
        ? null
        : label(placeText(bucket), { x: xOf(index), y: bottom + 20, anchor: 'middle' });
    }),
  );
};
