import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import { parseRiskLimits, type RiskLimits } from '@qt/risk';
import { parse } from 'yaml';

/** Returns the limits in a YAML file. Throws: AppError RISK_LIMITS_INVALID naming the file and every fault. */
export const readRiskLimits = (path: string): RiskLimits => {
  try {
    return parseRiskLimits(parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new AppError('RISK_LIMITS_INVALID', `RISK_LIMITS_FILE=${path}: ${messageOf(error)}`, {
      retryable: false,
      cause: error,
    });
  }
};
