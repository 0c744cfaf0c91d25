import { isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^(?:([a-z0-9_]+)@markPrice|!markPrice@arr)(@1s)?$/;
const SECOND_MS = 1_000;
/** `markPrice` without a speed comes every three seconds. */
const SLOW_MS = 3_000;

/** Mark prices of single symbols and of all, at most once per market second, in a stepped market once per step. */
export class MarkStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  readonly #wanted = new Set<string>();
  #lastMs = 0;
  #lastSlowMs = 0;

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
  }

  attend(name: string, isWanted: boolean): void {
    const match = NAME.exec(name);
    if (match === null) return;
    if (match[1] !== undefined && symbolNamed(this.#deps.venue, match[1]) === undefined) return;
    if (isWanted) this.#wanted.add(name);
    else this.#wanted.delete(name);
  }

  publishMoment(nowMs: number): void {
    const { isStepped } = this.#deps;
    if (!isStepped && !isDue(this.#lastMs, nowMs, SECOND_MS)) return;
    const isSlowDue = isStepped || nowMs - this.#lastSlowMs >= SLOW_MS;
    this.#lastMs = nowMs;
    if (isSlowDue) this.#lastSlowMs = nowMs;
    if (this.#wanted.size > 0) this.#publish(nowMs, isSlowDue ? ['@1s', ''] : ['@1s']);
  }

  #publish(nowMs: number, suffixes: readonly string[]): void {
    const { venue, outlet, payloads } = this.#deps;
    const forAll = suffixes.map((suffix) => `!markPrice@arr${suffix}`).filter((name) => this.#wanted.has(name));
    const all: string[] = [];
    for (const { symbol } of venue.specs()) {
      const names = suffixes.map((suffix) => `${symbol.toLowerCase()}@markPrice${suffix}`);
      const wanted = names.filter((name) => this.#wanted.has(name));
      if (wanted.length === 0 && forAll.length === 0) continue;
      const text = JSON.stringify(payloads.markPrice(venue.mark(symbol), nowMs));
      all.push(text);
      for (const name of wanted) outlet.publish(name, text);
    }
    for (const name of forAll) outlet.publish(name, `[${all.join(',')}]`);
  }
}
