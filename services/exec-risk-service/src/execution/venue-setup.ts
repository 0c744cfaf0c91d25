import { AppError } from '@qt/kernel';
import type { Trading } from '../ports.ts';

/**
 * Refuses to start on a machine whose clock is not the venue's: by it, answers would come before questions and signals from the future.
 *
 * Units: ms, `offsetMs` is venue minus ours.
 * Throws: AppError CLOCK_OFF, retryable since clocks are often set right by themselves.
 */
export function assertClock(offsetMs: number, allowedMs: number): void {
  if (Math.abs(offsetMs) <= allowedMs) return;
  const found = `${Math.abs(offsetMs)} ms ${offsetMs > 0 ? 'behind' : 'ahead of'} the venue's`;
  throw new AppError(
    'CLOCK_OFF',
    `The clock of this machine is ${found}; at most ${allowedMs} ms are allowed (max_clock_offset_ms in the risk limits). Set it right, for instance with "timedatectl set-ntp true", and start again.`,
    { retryable: true },
  );
}

/**
 * Reads what can be traded and makes leverage and margin type of every symbol what the limits say. The position mode is never
 * changed: an account in hedge mode is somebody's, not ours.
 *
 * Throws: AppError HEDGE_MODE, SYMBOL_NOT_LISTED, SETUP_DIFFERS.
 */
export async function assertAccount(
  trading: Pick<Trading, 'book' | 'exchange' | 'limits' | 'settings'>,
): Promise<void> {
  const { book, exchange, limits, settings } = trading;
  if (await exchange.isHedgeMode()) {
    throw new AppError(
      'HEDGE_MODE',
      'The account is in hedge mode (dualSidePosition=true); this service needs one-way mode. Change it at the venue while flat.',
      { retryable: false },
    );
  }
  for (const instrument of await exchange.instruments()) book.instruments.set(instrument.symbol, instrument);
  const { max_leverage: leverage, margin_type: marginType } = limits.sizing;
  for (const symbol of settings.symbols) {
    if (!book.instruments.has(symbol)) {
      throw new AppError('SYMBOL_NOT_LISTED', `The venue does not list ${symbol}; see SYMBOLS`, { retryable: false });
    }
    const setup = await exchange.setup(symbol);
    if (setup.leverage === leverage && setup.marginType === marginType) continue;
    // The venue refuses a change of margin type beside a position or an order; leverage must not move under one either.
    if (book.position(symbol) !== null) {
      throw new AppError(
        'SETUP_DIFFERS',
        `${symbol} has an open position at leverage ${setup.leverage} (${setup.marginType}); the limits say ${leverage} (${marginType})`,
        { retryable: false },
      );
    }
    if (setup.marginType !== marginType) await exchange.setMarginType(symbol, marginType);
    if (setup.leverage !== leverage) await exchange.setLeverage(symbol, leverage);
  }
}
