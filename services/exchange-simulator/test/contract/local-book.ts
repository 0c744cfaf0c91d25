type Level = readonly [price: string, quantity: string];

/** The answer of `GET /fapi/v1/depth`. */
export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

const sorted = (levels: ReadonlyMap<string, string>, sign: number): readonly Level[] =>
  [...levels].sort(([left], [right]) => sign * (Number(left) - Number(right)));

interface DepthEvent {
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: readonly Level[];
  readonly a: readonly Level[];
}

/**
 * A client's copy of a book, kept to the letter of the venue's instructions, in which nothing but its own steps is assumed.
 *
 * Source: Binance USD-M, "How to manage a local order book correctly".
 */
export class LocalBook {
  readonly #buffer: DepthEvent[] = [];
  #bids = new Map<string, string>();
  #asks = new Map<string, string>();
  #snapshotId: number | null = null;
  #lastU: number | null = null;
  /** Events that were taken over. */
  applied = 0;

  hear(message: unknown): void {
    const event = message as DepthEvent;
    if (this.#snapshotId === null) this.#buffer.push(event);
    else this.#take(event);
  }

  /** Starts from a snapshot and takes over what was heard meanwhile. */
  begin(snapshot: DepthSnapshot): void {
    this.#bids = new Map(snapshot.bids.map(([price, quantity]) => [price, quantity]));
    this.#asks = new Map(snapshot.asks.map(([price, quantity]) => [price, quantity]));
    this.#snapshotId = snapshot.lastUpdateId;
    this.#lastU = null;
    for (const event of this.#buffer.splice(0)) this.#take(event);
  }

  /** Returns where this copy and a REST answer part, null when they are the same. */
  differenceFrom({ bids, asks }: DepthSnapshot): string | null {
    for (const [side, ours, theirs] of [
      ['bid', sorted(this.#bids, -1), bids],
      ['ask', sorted(this.#asks, 1), asks],
    ] as const) {
      for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
        const [here, there] = [String(ours[index]), String(theirs[index])];
        if (here !== there) return `${side} ${index}: ${here} here, ${there} there`;
      }
    }
    return null;
  }

  #take({ U, u, pu, b, a }: DepthEvent): void {
    const snapshotId = this.#snapshotId ?? Number.NaN;
    if (this.#lastU === null) {
      if (u < snapshotId) return;
      if (!(U <= snapshotId && u >= snapshotId)) throw new Error(`no way from ${snapshotId} to ${U}..${u}`);
    } else if (pu !== this.#lastU) throw new Error(`${pu} does not follow ${this.#lastU}`);
    this.#lastU = u;
    this.applied += 1;
    for (const [levels, changes] of [
      [this.#bids, b],
      [this.#asks, a],
    ] as const) {
      for (const [price, quantity] of changes) {
        if (Number(quantity) === 0) levels.delete(price);
        else levels.set(price, quantity);
      }
    }
  }
}
