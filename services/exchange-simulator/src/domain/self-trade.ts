/** Which of two orders of one account expires instead of trading with the other. */
export interface SelfTradeEnd {
  readonly maker: boolean;
  readonly taker: boolean;
}

const ENDS: Readonly<Record<string, SelfTradeEnd>> = {
  EXPIRE_TAKER: { maker: false, taker: true },
  EXPIRE_MAKER: { maker: true, taker: false },
  EXPIRE_BOTH: { maker: true, taker: true },
};

/** Returns who expires under a taker's mode; null when the account may trade with itself (NONE). */
export const selfTradeEnd = (mode: string): SelfTradeEnd | null => ENDS[mode] ?? null;
