/** Source: order ids of long-lived symbols, e.g. 8389765915123457000 (ETHUSDT): beyond what a double holds exactly. */
const LARGE_BASE = 8_389_765_915_000_000_000n;

interface JsonWithRaw {
  rawJSON(text: string): unknown;
}

/**
 * Order ids as they stand on the wire. Small ones are the venue's own numbers; large ones, on request, exceed 2^53 and are printed as raw digits,
 * so that a client which reads them into a double is found out.
 */
export class WireIds {
  readonly isLarge: boolean;

  constructor(isLarge: boolean) {
    this.isLarge = isLarge;
  }

  /** Returns what `JSON.stringify` prints as the id's digits. */
  print(id: number): unknown {
    if (!this.isLarge) return id;
    return (JSON as unknown as JsonWithRaw).rawJSON(this.text(id));
  }

  text(id: number): string {
    return this.isLarge ? String(LARGE_BASE + BigInt(id)) : String(id);
  }

  /** Returns the venue's number for digits sent by a client; digits that name nothing become -1, which no order has. */
  read(digits: string): number {
    const id = this.isLarge ? BigInt(digits) - LARGE_BASE : BigInt(digits);
    return id >= 0n && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : -1;
  }
}
