const DEADLINE_MS = 1_500;

/** What a service said, or null when it could not be asked. */
export const askJson = async (url: string): Promise<unknown> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const isOurs = response.headers.get('content-type')?.includes('json') ?? false;
    return isOurs && response.status !== 404 ? await response.json() : null;
  } catch {
    return null; // down or starting: shown as such
  }
};

type Fields = Readonly<Record<string, unknown>>;

/** Returns the record under `key`, or an empty one: these pages belong to other processes and are only shown. */
export const recordAt = (value: unknown, key?: string): Fields => {
  const found = key === undefined ? value : (value as Fields | null)?.[key];
  return typeof found === 'object' && found !== null ? (found as Fields) : {};
};

export const listAt = (value: unknown, key: string): readonly Fields[] => {
  const found = recordAt(value)[key];
  return Array.isArray(found) ? (found as Fields[]) : [];
};

/** Returns the first of `keys` that holds a text or a number, as text; a dash when none does. */
export const textAt = (value: unknown, ...keys: readonly string[]): string => {
  const fields = recordAt(value);
  for (const key of keys) {
    const found = fields[key];
    if (typeof found === 'string' || typeof found === 'number') return String(found);
  }
  return '-';
};

/** One market as the live view and `qt status` show it. */
export interface MarketLine {
  readonly symbol: string;
  readonly price: string;
  readonly regime: string;
  readonly signal: string;
  readonly position: string;
}

export interface SuiteView {
  /** Market time; null when the venue does not answer. */
  readonly timeMs: number | null;
  readonly equityUsdt: string;
  readonly markets: readonly MarketLine[];
  readonly health: Readonly<Record<string, unknown>>;
}

const regimeOf = (row: Fields): string => {
  const regime = recordAt(row, 'regime');
  if (regime['name'] === undefined) return textAt(row, 'state');
  const probability = Number(regime['probability']);
  return `${textAt(regime, 'name')}${Number.isFinite(probability) ? ` ${Math.round(probability * 100)} %` : ''}`;
};

const signalOf = (row: Fields | undefined): string => {
  if (row === undefined) return '-';
  const confidence = Number(row['confidence']);
  return `${textAt(row, 'direction')}${Number.isFinite(confidence) ? ` ${confidence.toFixed(2)}` : ''}`;
};

const positionOf = (row: Fields | undefined): string =>
  row === undefined
    ? 'flat'
    : `${textAt(row, 'direction', 'side')} ${textAt(row, 'quantity')} @ ${textAt(row, 'entryPrice')}`;

/** Asks the services what they know; what does not answer is left blank. */
export const viewSuite = async (
  urls: Readonly<Record<string, string>>,
  symbols: readonly string[],
): Promise<SuiteView> => {
  const page = (service: string, path: string) => askJson(`${urls[service] ?? ''}${path}`);
  const names = Object.keys(urls);
  const [venue, regimes, signals, positions, account, ...healths] = await Promise.all([
    page('exchange-simulator', '/control/state'),
    page('regime-service', '/api/v1/regime/current'),
    page('ai-service', '/api/v1/signals/latest?limit=100'),
    page('exec-risk-service', '/api/v1/positions'),
    page('exec-risk-service', '/api/v1/account'),
    ...names.map((name) => page(name, '/health')),
  ]);
  const timeMs = recordAt(venue)['timeMs'];
  const bySymbol = (rows: readonly Fields[], symbol: string) => rows.find((row) => row['symbol'] === symbol);
  return {
    timeMs: typeof timeMs === 'number' ? timeMs : null,
    equityUsdt: textAt(account, 'equityUsdt'),
    markets: symbols.map((symbol) => {
      const regime = bySymbol(listAt(regimes, 'regimes'), symbol) ?? {};
      const open = listAt(positions, 'positions').filter((row) => row['status'] !== 'closed');
      return {
        symbol,
        price: textAt(regime, 'closePrice'),
        regime: regimeOf(regime),
        signal: signalOf(bySymbol(listAt(signals, 'signals'), symbol)),
        position: positionOf(bySymbol(open, symbol)),
      };
    }),
    health: Object.fromEntries(names.map((name, index) => [name, healths[index] ?? null])),
  };
};
