import { streamOf } from '@qt/contracts';
import { InvariantError, messageOf } from '@qt/kernel';
import type { Redis } from 'ioredis';
import type { BusLogger } from './ports.ts';
import { BLOCK_GRACE_MS, disconnect, isTimeout } from './redis-connection.ts';
import { claimOf, entriesOf, type StreamEntry } from './stream-entry.ts';

const BLOCK_MS = 500;
const COUNT = 100;
const MIN_ERROR_SPACING_MS = 1_000;
const CLAIM_EVERY_MS = 30_000;
/** Longer than three times the slowest handler: what a member has held that long is nobody's. */
const CLAIM_IDLE_MS = 60_000;

export interface StreamReaderOptions {
  /** Blocks in Redis; carries nothing else. */
  readonly reader: Redis;
  readonly commands: Redis;
  readonly types: readonly string[];
  readonly group: string;
  readonly member: string;
  readonly logger: BusLogger;
  /** Handles the first of the entries, or more of them together, to the end, and returns how many. What it throws leaves them pending; an InvariantError ends the reading. */
  readonly onEntries: (entries: readonly StreamEntry[]) => Promise<number>;
  /** After each read; `isCaughtUp` when Redis had no more than it gave. */
  readonly onRound: (isCaughtUp: boolean) => Promise<void>;
  /** Groups were missing and have been made: nothing that was said before is on its way. */
  readonly onReset: () => Promise<void>;
  /** Groups that were there have vanished. */
  readonly onLost: () => void;
  /** How many entries of the last read are not handled yet. */
  readonly onBacklog: (entries: number) => void;
}

/** Reads a group's streams one entry at a time, for as long as the process lives, whatever becomes of Redis. */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #streams: readonly string[];
  #isStopping = false;
  #isPaused = false;
  #owesReset = false;
  #inHand: Promise<unknown> = Promise.resolve();
  #resumed: () => void = () => {};
  #isPrepared = false;
  #wasPrepared = false;
  #lastClaimMs = 0;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    this.#streams = options.types.map(streamOf);
  }

  /** Starts reading; `onEnd` is called with what ended it, unless that was `stop`. */
  start(onEnd: (error: unknown) => void): void {
    this.#running = this.#run().catch((error: unknown) => {
      if (!this.#isStopping) onEnd(error);
    });
  }

  /** Ends after the entry that is being handled. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#resumed();
    this.#wake();
    disconnect(this.#options.reader);
    await this.#running;
  }

  /** Handles nothing more after what is in hand; what was read and not handled stays pending. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#inHand;
  }

  /** Goes on after `pause`, first with what is pending. */
  resume(): void {
    this.#isPaused = false;
    this.#isPrepared = false;
    this.#resumed();
  }

  async #run(): Promise<void> {
    let lastErrorMs = 0;
    while (!this.#isStopping) {
      if (this.#isPaused) {
        await new Promise<void>((resolve) => {
          this.#resumed = resolve;
        });
        continue;
      }
      const failure = await this.#round();
      if (failure === null || this.#isStopping || this.#isPaused) continue;
      this.#isPrepared = false;
      const { commands, logger } = this.#options;
      if (isTimeout(failure)) commands.disconnect(true);
      const isReset = messageOf(failure).includes('NOGROUP');
      logger.warn(isReset ? 'Redis has lost the streams; making them anew' : 'reading events failed; trying again', {
        reason: messageOf(failure),
      });
      await this.#sleep(lastErrorMs + MIN_ERROR_SPACING_MS - performance.now());
      lastErrorMs = performance.now();
    }
  }

  /** Returns what Redis or Postgres failed with; throws what must end the reading. */
  async #round(): Promise<unknown> {
    try {
      const entries = this.#isPrepared ? await this.#read() : await this.#prepare();
      await this.#holding(() => this.#handle(entries));
      await this.#holding(() => this.#options.onRound(entries.length < COUNT));
      return null;
    } catch (error) {
      this.#options.onBacklog(0);
      if (error instanceof InvariantError) throw error;
      return error;
    }
  }

  /** Does the job unless the reader is to hold still; `pause` waits for it. */
  async #holding(job: () => Promise<void>): Promise<void> {
    if (this.#isStopping || this.#isPaused) return;
    const work = job();
    this.#inHand = work.catch(() => undefined);
    await work;
  }

  async #handle(entries: readonly StreamEntry[]): Promise<void> {
    const { onEntries, onBacklog } = this.#options;
    let waiting = entries;
    while (waiting.length > 0 && !this.#isStopping && !this.#isPaused) {
      onBacklog(waiting.length);
      waiting = waiting.slice(await onEntries(waiting));
    }
    onBacklog(0);
  }

  async #read(): Promise<StreamEntry[]> {
    const startedMs = performance.now();
    const entries = await this.#readFrom('>', ['BLOCK', String(BLOCK_MS)]);
    // A server that is alive answers when the block time is over.
    if (entries.length === 0 && performance.now() - startedMs > BLOCK_MS + BLOCK_GRACE_MS - 100) {
      this.#options.reader.disconnect(true);
      // Says so by its time-out when the other connection is silent too.
      await this.#options.commands.ping();
      throw new Error(`Redis has not answered a read for ${BLOCK_MS + BLOCK_GRACE_MS} ms`);
    }
    if (entries.length === 0 && startedMs - this.#lastClaimMs > CLAIM_EVERY_MS) return this.#claim();
    return entries;
  }

  async #readFrom(id: string, block: readonly string[]): Promise<StreamEntry[]> {
    const { reader, group, member } = this.#options;
    const ids = this.#streams.map(() => id);
    const reply = await reader.call(
      'XREADGROUP',
      'GROUP',
      group,
      member,
      'COUNT',
      String(COUNT),
      ...block,
      'STREAMS',
      ...this.#streams,
      ...ids,
    );
    return entriesOf(reply);
  }

  /** Makes the groups where they are missing and returns what this member had read and not acknowledged. */
  async #prepare(): Promise<StreamEntry[]> {
    const { reader } = this.#options;
    if (reader.status !== 'ready') await this.#connected();
    let made = 0;
    for (const stream of this.#streams) if (await this.#makeGroup(stream)) made += 1;
    if (made > 0 && this.#wasPrepared) this.#options.onLost();
    this.#owesReset ||= made > 0;
    if (this.#owesReset) {
      await this.#holding(() => this.#options.onReset());
      this.#owesReset = this.#isPaused || this.#isStopping;
    }
    const pending = await this.#readFrom('0', []);
    this.#isPrepared = pending.length === 0;
    this.#wasPrepared ||= this.#isPrepared;
    return pending;
  }

  async #makeGroup(stream: string): Promise<boolean> {
    try {
      // From 0: what was added between the loss and now must not be skipped.
      await this.#options.commands.xgroup('CREATE', stream, this.#options.group, '0', 'MKSTREAM');
      return true;
    } catch (error) {
      if (messageOf(error).includes('BUSYGROUP')) return false;
      throw error;
    }
  }

  async #connected(): Promise<void> {
    const { reader } = this.#options;
    if (reader.status === 'wait') {
      await reader.connect();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        reader.off('ready', settle);
        if (reader.status === 'ready') resolve();
        else reject(new Error(`the connection is ${reader.status}`));
      };
      const timer = setTimeout(settle, MIN_ERROR_SPACING_MS);
      this.#wake = settle;
      reader.on('ready', settle);
    });
  }

  /** Takes over what members that are gone have left. */
  async #claim(): Promise<StreamEntry[]> {
    const { commands, group, member } = this.#options;
    this.#lastClaimMs = performance.now();
    const claimed: StreamEntry[] = [];
    for (const stream of this.#streams) {
      let cursor = '0-0';
      do {
        const reply = await commands.call(
          'XAUTOCLAIM',
          stream,
          group,
          member,
          String(CLAIM_IDLE_MS),
          cursor,
          'COUNT',
          String(COUNT),
        );
        const claim = claimOf(stream, reply);
        claimed.push(...claim.entries);
        cursor = claim.cursor;
      } while (cursor !== '0-0');
    }
    return claimed;
  }

  async #sleep(forMs: number): Promise<void> {
    if (forMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
