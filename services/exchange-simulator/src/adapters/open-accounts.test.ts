import { describe, expect, it } from '@jest/globals';
import { aDesk, aMarket } from '../../test/venue-builders.ts';
import { fixed } from '../domain/fixed.ts';
import { openAccounts } from './open-accounts.ts';

describe('openAccounts', () => {
  it('opens what the venue does not have yet, as planned, and leaves kept accounts as they are', () => {
    const { venue } = aDesk(aMarket({ BTCUSDT: [['100', '100', '100', '100']] }));
    const saved = venue.save();
    const [kept = ''] = saved.accounts.map(({ accountId }) => accountId);
    const plan = { startBnb: 0n, feeTier: 0, hedgeMode: true, keys: [] };
    const before = venue.account(kept).walletBalance;
    openAccounts(
      venue,
      [
        { ...plan, accountId: kept, startBalance: fixed('77') },
        { ...plan, accountId: 'new', startBalance: fixed('5') },
      ],
      saved,
    );
    expect(venue.account(kept)).toMatchObject({ walletBalance: before, hedgeMode: false });
    expect(venue.account('new')).toMatchObject({ walletBalance: fixed('5'), hedgeMode: true });
  });
});
