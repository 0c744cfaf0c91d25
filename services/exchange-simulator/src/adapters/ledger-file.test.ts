import { describe, expect, it } from '@jest/globals';
import { WireIds } from '../answers/wire-ids.ts';
import { LedgerFile } from './ledger-file.ts';

describe('LedgerFile', () => {
  it('says in one sentence that the disk is full, and lets no later line follow the gap', () => {
    const ledger = new LedgerFile('/dev/full', new WireIds(false));
    const unwritable = /^The ledger file cannot be written: .*ENOSPC/;
    ledger.append({ seq: 1, timeMs: 1, kind: 'ended' });
    expect(() => ledger.flush()).toThrow(unwritable);
    ledger.append({ seq: 2, timeMs: 1, kind: 'ended' });
    for (const again of [() => ledger.flush(), () => ledger.close()]) expect(again).toThrow(unwritable);
  });
});
