import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { AnswerGate } from './answer-gate.ts';

describe('AnswerGate', () => {
  const aGate = () => {
    const happened: string[] = [];
    const note = (what: string) => () => void happened.push(what);
    const gate = new AnswerGate(note('flush'), (thrown) => happened.push(`defect ${(thrown as Error).message}`));
    const release = (name: string): void => gate.release({ send: note(name), cut: note(`cut ${name}`) });
    return { gate, happened, note, release };
  };

  it('writes the ledger once for all answers of a turn, before the first of them leaves', async () => {
    const { happened, release } = aGate();
    for (const name of ['a', 'b', 'c']) release(name);
    expect(happened).toEqual([]);
    await turn();
    release('d');
    await turn();
    expect(happened).toEqual(['flush', 'a', 'b', 'c', 'flush', 'd']);
  });

  it('ends the connection of an answer that cannot be sent, and no other', async () => {
    const { gate, happened, note, release } = aGate();
    const send = (): void => {
      throw new Error('a bigint');
    };
    gate.release({ send, cut: note('cut') });
    release('next');
    await turn();
    expect(happened).toEqual(['flush', 'defect a bigint', 'cut', 'next']);
  });
});
