import type { Account } from './account.ts';
import { fillCap } from './matching.ts';
import type { OrderBook } from './order-book.ts';
import type { SavedBook } from './saved-types.ts';

/**
 * Takes the open orders of accounts that were put back into the books: at the places that they had, or by their age where none is known.
 * What was taken of the house counts on only at the moment at which it was taken (`isSameMoment`).
 */
export const restoreBooks = (
  books: ReadonlyMap<string, { readonly book: OrderBook }>,
  saved: { accounts: readonly Account[]; books: readonly SavedBook[]; isSameMoment: boolean },
): void => {
  const owners = new Map<number, Account>();
  for (const account of saved.accounts) for (const orderId of account.openOrders.keys()) owners.set(orderId, account);
  for (const { symbol, taken, places } of saved.books) {
    const book = books.get(symbol)?.book;
    if (book === undefined) continue;
    if (saved.isSameMoment) Object.assign(book.market.taken, taken);
    for (const [orderId, houseAhead] of places) {
      const account = owners.get(orderId);
      const order = account?.openOrders.get(orderId);
      if (account === undefined || order === undefined) continue;
      book.restAt(account, order, fillCap(account, order), houseAhead);
      owners.delete(orderId);
    }
  }
  for (const [orderId, account] of owners) {
    const order = account.openOrders.get(orderId);
    if (order !== undefined) books.get(order.symbol)?.book.rest(account, order, fillCap(account, order), 'byAge');
  }
};
