import type { Redis } from 'ioredis';

interface Waiting {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Sends the commands of one turn of the event loop as one pipeline: one write, and the order in which they were given. */
export class CommandBatch {
  readonly #redis: Redis;
  #commands: string[][] = [];
  #waiting: Waiting[] = [];

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The command's name is in lower case. Resolves with the reply. Rejects with the command's own error, or that it may or may not have been executed. */
  add(...command: string[]): Promise<unknown> {
    // After the promises that settle in this turn, so that what they send goes with it.
    if (this.#commands.length === 0) process.nextTick(() => this.#send());
    this.#commands.push(command);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #send(): void {
    const [commands, waiting] = [this.#commands, this.#waiting];
    this.#commands = [];
    this.#waiting = [];
    this.#redis
      .pipeline(commands)
      .exec()
      .then(
        (replies) => {
          for (const [index, { resolve, reject }] of waiting.entries()) {
            const [error, reply] = replies?.[index] ?? [new Error('no reply'), null];
            if (error === null) resolve(reply);
            else reject(error);
          }
        },
        (error: Error) => {
          for (const { reject } of waiting) reject(error);
        },
      );
  }
}
