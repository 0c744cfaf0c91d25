import { type SuiteView, viewSuite } from '../suite-view.ts';

const REDRAW_MS = 1_000;
const LINES_EVERY_MS = 10_000;
const WIDTHS = [16, 9, 12, 28, 12, 26] as const;

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

/** Returns one line per symbol: time, price, regime, last signal, position, equity. */
export const liveLines = (view: Pick<SuiteView, 'timeMs' | 'equityUsdt' | 'markets'>): string[] => {
  const time = view.timeMs === null ? '-' : new Date(view.timeMs).toISOString().slice(0, 16).replace('T', ' ');
  const equity = Number(view.equityUsdt);
  const equityText = Number.isFinite(equity) ? `${equity.toFixed(2)} USDT` : '-';
  return view.markets.map(({ symbol, price, regime, signal, position }) =>
    [time, symbol, price, regime, signal, position]
      .map((text, column) => cut(text, WIDTHS[column] ?? 10))
      .concat(equityText)
      .join(' '),
  );
};

export interface LiveViewOptions {
  readonly out: NodeJS.WriteStream;
  readonly urls: Readonly<Record<string, string>>;
  readonly symbols: readonly string[];
}

/** Shows what the suite is doing: lines that renew themselves on a terminal, plain lines where the output is piped. */
export class LiveView {
  readonly #options: LiveViewOptions;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;
  #isAsking = false;

  constructor(options: LiveViewOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#renew(), this.#options.out.isTTY ? REDRAW_MS : LINES_EVERY_MS);
    void this.#renew();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Writes a line above the view. */
  say(line: string): void {
    this.#erase();
    this.#options.out.write(`${line}\n`);
  }

  async #renew(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const view = await viewSuite(this.#options.urls, this.#options.symbols).finally(() => {
      this.#isAsking = false;
    });
    if (this.#timer === undefined) return;
    this.#erase();
    const lines = liveLines(view);
    this.#options.out.write(`${lines.join('\n')}\n`);
    if (this.#options.out.isTTY) this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#options.out.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }
}
