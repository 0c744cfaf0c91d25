import { AppError } from '@qt/kernel';
import { z } from 'zod';
import { runtimeDirectory } from '../runtime-directory.ts';
import { PORTS } from '../start/ports.ts';
import { askJson } from '../suite-view.ts';

/** Returns where the regime service is: as given, else that of the suite started here, else the guide's port on this machine. */
export const regimeServiceAddress = (given: string | undefined): string =>
  (
    given ??
    runtimeDirectory().suite()?.urls['regime-service'] ??
    `http://127.0.0.1:${PORTS['regime-service']}`
  ).replace(/\/$/, '');

const Market = z.object({
  symbol: z.string(),
  interval: z.string(),
  state: z.enum(['warming', 'ready']),
  regime: z.object({ id: z.number(), name: z.string(), probability: z.number() }),
  openTimeMs: z.number(),
  dwellCandles: z.number(),
  probabilities: z.array(z.number()).length(18),
  agreementRatio: z.number().optional(),
  changeWithin10Probability: z.number().optional(),
  changeWithin30Probability: z.number().optional(),
  conformalSet: z.array(z.number()).optional(),
  decision: z.object({ kind: z.string(), candidateId: z.number(), reasons: z.array(z.string()) }).optional(),
  stabilityRatio: z.number().optional(),
  stabilityBand: z.string().optional(),
});
/** What the service says of one market; what an older engine does not tell is left out. */
export type ExplainedMarket = z.infer<typeof Market>;

const Scoring = z.object({
  factors: z.array(z.string()),
  pooled: z.array(z.number()),
  methods: z.array(
    z.object({ name: z.string(), weights: z.array(z.number()), factors: z.array(z.number()).length(10).nullable() }),
  ),
});
/** The inside of `adaptive_scoring_layer`: what each method says of volatility, structure and trend, and what that counts. */
export type ScoringInside = z.infer<typeof Scoring>;

const Decider = z.object({
  options: z
    .object({
      upwardMarginShare: z.number(),
      neighborMarginFactor: z.number(),
      minDwellCandles: z.number(),
      confidenceThreshold: z.number(),
      shockProbability: z.number(),
    })
    .partial(),
});
const DeciderPage = z.object({
  markets: z.record(
    z.string(),
    z.object({ metrics: z.object({ level_margin_ratio: z.number(), slot_margin_ratio: z.number() }) }),
  ),
});
/** What a change must pass; what the service does not tell is left out. */
export type DeciderRules = z.infer<typeof Decider>['options'] & {
  /** The leads that a volatility level and a slot need now: they adapt. */
  readonly levelMarginRatio?: number;
  readonly slotMarginRatio?: number;
};

export interface RegimeExplanation {
  readonly market: ExplainedMarket;
  /** Null where the service does not show it. */
  readonly scoring: ScoringInside | null;
  readonly decider: DeciderRules | null;
}

const insideOf = (page: unknown, symbol: string): unknown =>
  z.object({ inside: z.record(z.string(), z.unknown()) }).safeParse(page).data?.inside[symbol];

const rulesOf = (inside: unknown, page: unknown, symbol: string): DeciderRules | null => {
  const options = Decider.safeParse(inside).data?.options;
  const now = DeciderPage.safeParse(page).data?.markets[symbol]?.metrics;
  if (options === undefined) return null;
  return now === undefined
    ? options
    : { ...options, levelMarginRatio: now.level_margin_ratio, slotMarginRatio: now.slot_margin_ratio };
};

const wrong = (code: string, message: string): never => {
  throw new AppError(code, message, { retryable: code === 'SERVICE_UNREACHABLE' });
};

/** Asks for everything that explains the regime of each market, or of one. Throws: SERVICE_UNREACHABLE, SYMBOL_UNKNOWN, NOT_CLASSIFIED_YET. */
export const explanations = async (
  address: string,
  symbol: string | undefined,
): Promise<readonly RegimeExplanation[]> => {
  const [current, scoring, decider, deciderPage] = await Promise.all([
    askJson(`${address}/api/v1/regime/current`),
    askJson(`${address}/api/v1/debug/state/adaptive_scoring_layer`),
    askJson(`${address}/api/v1/debug/state/intelligent_transition_manager`),
    askJson(`${address}/api/v1/components/intelligent_transition_manager`),
  ]);
  const regimes = z.object({ regimes: z.array(z.record(z.string(), z.unknown())) }).safeParse(current).data?.regimes;
  if (regimes === undefined)
    return wrong(
      'SERVICE_UNREACHABLE',
      `found no regime service at ${address}; start it with npm start, or give --service URL`,
    );
  const wanted = symbol?.toUpperCase();
  const asked = regimes.filter((market) => wanted === undefined || market['symbol'] === wanted);
  if (asked.length === 0) {
    const known = regimes.map((market) => String(market['symbol'])).join(', ');
    return wrong('SYMBOL_UNKNOWN', `found no market ${wanted ?? ''}; the service follows ${known}`);
  }
  const markets = asked.flatMap((market) => Market.safeParse(market).data ?? []);
  if (markets.length === 0)
    return wrong('NOT_CLASSIFIED_YET', `no candle of ${wanted ?? 'any market'} has been classified yet`);
  return markets.map((market) => ({
    market,
    scoring: Scoring.safeParse(insideOf(scoring, market.symbol)).data ?? null,
    decider: rulesOf(insideOf(decider, market.symbol), deciderPage, market.symbol),
  }));
};
