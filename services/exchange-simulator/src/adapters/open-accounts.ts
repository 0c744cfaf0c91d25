import { invariant } from '@qt/kernel';
import type { SavedVenue } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { AccountPlan } from './accounts-file.ts';

/** Opens the accounts that the venue does not have from an earlier run; those are as that run has left them. */
export function openAccounts(venue: Venue, plans: readonly AccountPlan[], saved: SavedVenue | null): void {
  const kept = new Set(saved?.accounts.map(({ accountId }) => accountId));
  for (const { hedgeMode, keys: _keys, ...opening } of plans) {
    if (kept.has(opening.accountId)) continue;
    venue.openAccount(opening);
    if (!hedgeMode) continue;
    const answer = venue.setHedgeMode(opening.accountId, true);
    invariant(answer.kind === 'done', 'an empty account takes hedge mode');
  }
}
