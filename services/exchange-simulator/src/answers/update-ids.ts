/**
 * Update ids of a book on the wire. The venue's n-th change of a book is 2n in streams; a snapshot that contains it says 2n + 1, and the event
 * after it begins there. So a client that follows the documented procedure (`U <= lastUpdateId <= u`) joins the stream after any snapshot,
 * also in a market that stands still.
 */
export const changeIdOf = (updateId: number): number => 2 * updateId;

/** Returns the id of a snapshot that contains all changes up to this one. */
export const snapshotIdOf = (updateId: number): number => 2 * updateId + 1;
