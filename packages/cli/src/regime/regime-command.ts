import type { Command } from 'commander';
import { classifyCommand } from './classify-command.ts';
import { evaluateCommand } from './evaluate-command.ts';
import { explainCommand } from './explain-command.ts';
import { reportCommand } from './report-command.ts';
import { simulateCommand } from './simulate-command.ts';

/** Adds `qt regime …`: classify candles, measure the detector, look into it. */
export const regimeCommand = (program: Command): void => {
  const regime = program.command('regime').description('the market regime detector: classify, measure, explain');
  classifyCommand(regime);
  evaluateCommand(regime);
  explainCommand(regime);
  reportCommand(regime);
  simulateCommand(regime);
};
