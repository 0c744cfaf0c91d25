import type { Command } from 'commander';
import { explainText, factorsOf, rivalsOf } from './explain-text.ts';
import { explanations, regimeServiceAddress } from './regime-service-pages.ts';

interface ExplainOptions {
  readonly symbol?: string;
  readonly service?: string;
  readonly json?: boolean;
}

const explain = async (market: string | undefined, { symbol, service, json }: ExplainOptions): Promise<void> => {
  const found = await explanations(regimeServiceAddress(service), market ?? symbol);
  if (json) {
    const markets = found.map((one) => ({
      ...one,
      factors: factorsOf(one.market.probabilities),
      rivals: rivalsOf(one.market),
    }));
    console.log(JSON.stringify(markets, null, 2));
  } else console.log(found.map((one) => explainText(one).join('\n')).join('\n\n\n'));
};

/** Adds `qt regime explain`: why the regime of now is what it is, as the running service tells it. */
export const explainCommand = (regime: Command): void => {
  regime
    .command('explain')
    .description('why the regime is what it is now, and what would change it')
    .argument('[market]', 'one market, such as BTCUSDT (default: all)')
    .option('--symbol <symbol>', 'the same')
    .option('--service <url>', 'the regime service (default: of the suite started here)')
    .option('--json', 'print JSON')
    .action(explain);
};
