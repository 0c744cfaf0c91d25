import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import { parseDocument } from 'yaml';
import type { SimulatorConfig } from '../config.ts';
import { readScenario, type Scenario, type Stage } from '../control/scenario.ts';
import type { MarketSource } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { AccountPlan } from './accounts-file.ts';

/**
 * Returns the scenario in a YAML or JSON file.
 *
 * Throws: SCENARIO_FILE_INVALID naming every violation at once.
 */
export function readScenarioFile(path: string, stage: Stage): Scenario {
  const refuse = (message: string, cause?: unknown): never => {
    const facts = { retryable: false, ...(cause === undefined ? {} : { cause }) };
    throw new AppError('SCENARIO_FILE_INVALID', message, facts);
  };
  const listed = (violations: readonly string[]): string =>
    `The scenario file ${path} has ${violations.length} fault(s):\n${violations.map((text) => `  ${text}`).join('\n')}`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    return refuse(`The scenario file ${path} cannot be read: ${messageOf(cause)}`, cause);
  }
  // JSON is YAML too.
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0)
    return refuse(listed(document.errors.map(({ message }) => message.split('\n')[0] ?? message)));
  let written: unknown;
  try {
    written = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    return refuse(`The scenario file ${path} cannot be read: ${messageOf(cause)}`, cause);
  }
  const read = readScenario(written, stage);
  return read.kind === 'scenario' ? read.scenario : refuse(listed(read.violations));
}

/** Returns the scenario of this run, null when there is none. It begins where the market stands. */
export function plannedScenario(
  config: SimulatorConfig,
  on: { readonly venue: Venue; readonly market: MarketSource; readonly accounts: readonly AccountPlan[] },
): Scenario | null {
  if (config.SIM_SCENARIO_FILE === undefined) return null;
  const { venue, market, accounts } = on;
  return readScenarioFile(config.SIM_SCENARIO_FILE, {
    symbols: market.symbols,
    accountIds: accounts.map(({ accountId }) => accountId),
    startMs: venue.nowMs,
    endMs: market.endMs,
  });
}
