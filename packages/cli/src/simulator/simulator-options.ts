import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { listOf, pathOf, refuse, type Speed, speedOf, timeOf, wholeNumber } from '../option-values.ts';

/** As the command line gave them. */
export interface RawSimulatorOptions {
  readonly replay?: string;
  readonly market?: string;
  readonly funding?: string;
  readonly speed?: string;
  readonly now?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly seed?: string;
  readonly symbols?: string;
  readonly interval?: string;
  readonly port?: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly accounts?: string;
  readonly ledger?: string;
  readonly scenario?: string;
}

/** What the venue is started with. */
export interface SimulatorPlan {
  /** Variables of the simulator by name. */
  readonly environment: Readonly<Record<string, string>>;
  /** Null: the accounts come from a file, which holds their keys. */
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string; readonly areOurs: boolean } | null;
  readonly market: string;
  readonly speed: Speed | 'stepped';
  /** Whether market time is the machine's. */
  readonly isNow: boolean;
}

/** Which flag sets which variable: what the venue says of a variable is said of its flag. */
export const FLAG_OF_VARIABLE: Readonly<Record<string, string>> = {
  SIM_REPLAY_FILES: '--replay',
  SIM_FUNDING_FILES: '--funding',
  SIM_FROM_MS: '--from',
  SIM_TO_MS: '--to',
  SIM_SYMBOLS: '--symbols',
  SIM_INTERVAL: '--interval',
  SIM_SEED: '--seed',
  SIM_SPEED: '--speed',
  SIM_LEDGER_FILE: '--ledger',
  SIM_API_KEY: '--api-key',
  SIM_API_SECRET: '--api-secret',
  SIM_ACCOUNTS_FILE: '--accounts',
  SIM_SCENARIO_FILE: '--scenario',
  PORT: '--port',
};

const LARGEST_SEED = 4_294_967_295;
/** A minute of candles passes in a second: a replay moves before one's eyes. */
const REPLAY_SPEED = '60x';

const seedOf = ({ market, seed }: RawSimulatorOptions): number => {
  const ofMarket = market === undefined ? null : wholeNumber('--market', market, LARGEST_SEED);
  const given = seed === undefined ? null : wholeNumber('--seed', seed, LARGEST_SEED);
  if (ofMarket !== null && given !== null && ofMarket !== given) {
    return refuse(
      `--seed ${given} and --market ${ofMarket}: a generated market and its fills share one seed; give one of them`,
    );
  }
  return ofMarket ?? given ?? 1;
};

const credentialsOf = ({ apiKey, apiSecret, accounts }: RawSimulatorOptions): SimulatorPlan['credentials'] => {
  if ((apiKey === undefined) !== (apiSecret === undefined)) refuse('--api-key and --api-secret come together');
  if (accounts !== undefined) {
    return apiKey === undefined ? null : refuse('--accounts names the accounts with their keys; leave out --api-key');
  }
  if (apiKey !== undefined && apiSecret !== undefined) return { apiKey, apiSecret, areOurs: false };
  return { apiKey: randomBytes(32).toString('hex'), apiSecret: randomBytes(32).toString('hex'), areOurs: true };
};

const fileOf = (option: string, given: string): string => {
  const path = pathOf(given);
  return existsSync(path) ? path : refuse(`${option}: found no file ${path}`);
};

/** Files of candles, under names that say what is in them: the parsing of names is loaded only where there are files. */
const replayEnvironment = async (raw: RawSimulatorOptions, folder: () => string): Promise<Record<string, string>> => {
  const { candleFilesOf } = await import('../candle-files.ts');
  const flags = { replay: raw.replay, symbols: raw.symbols, interval: raw.interval };
  return { SIM_MARKET: 'replay', SIM_REPLAY_FILES: candleFilesOf(flags, folder()).paths.join(',') };
};

const generatedEnvironment = ({ symbols, interval }: RawSimulatorOptions): Record<string, string> => ({
  SIM_MARKET: 'generated',
  ...(symbols === undefined ? {} : { SIM_SYMBOLS: symbols }),
  ...(interval === undefined ? {} : { SIM_INTERVAL: interval }),
});

/** Returns the variables of what was given, left out where nothing was. */
const optional = (values: Readonly<Record<string, string | number | null | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  );

/**
 * Returns how the venue is to be started. `folder` makes a folder for links to files whose names do not say what is in them.
 *
 * Throws: BAD_OPTION naming the option, what was found and what was expected.
 */
export const planSimulator = async (raw: RawSimulatorOptions, folder: () => string): Promise<SimulatorPlan> => {
  const isReplay = raw.replay !== undefined;
  if (isReplay && raw.market !== undefined) {
    refuse('--replay and --market exclude each other: recorded candles, or generated ones');
  }
  if (!isReplay && raw.funding !== undefined) refuse('--funding goes with --replay: a generated market makes its own');
  const [fromMs, toMs] = [timeOf('--from', raw.from), timeOf('--to', raw.to)];
  if (!isReplay && (fromMs !== null || toMs !== null)) refuse('--from and --to cut the files of --replay');
  const asked = raw.speed ?? (isReplay && raw.now !== true ? REPLAY_SPEED : '1x');
  const speed = asked === 'stepped' ? 'stepped' : speedOf(asked, ', or stepped');
  // A generated market has no time of its own: at the pace of the clock it is the clock's.
  const isNow = raw.now ?? (!isReplay && speed === 1);
  const seed = seedOf(raw);
  const credentials = credentialsOf(raw);
  const environment = {
    ...(isReplay ? await replayEnvironment(raw, folder) : generatedEnvironment(raw)),
    ...optional({
      PORT: wholeNumber('--port', raw.port ?? '8090', 65_535),
      SIM_SPEED: String(speed),
      SIM_SEED: seed,
      SIM_SHIFT_TO_NOW: String(isNow),
      SIM_FROM_MS: fromMs,
      SIM_TO_MS: toMs,
      SIM_API_KEY: credentials?.apiKey,
      SIM_API_SECRET: credentials?.apiSecret,
      SIM_ACCOUNTS_FILE: raw.accounts === undefined ? null : fileOf('--accounts', raw.accounts),
      SIM_SCENARIO_FILE: raw.scenario === undefined ? null : fileOf('--scenario', raw.scenario),
      SIM_LEDGER_FILE: raw.ledger === undefined ? null : pathOf(raw.ledger),
      SIM_FUNDING_FILES: listOf(raw.funding)
        .map((path) => fileOf('--funding', path))
        .join(','),
    }),
  };
  const market = isReplay ? 'recorded' : `generated from seed ${seed}`;
  return { environment, credentials, market, speed, isNow };
};
