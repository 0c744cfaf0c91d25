import { type Fixed, placesOf, textOf } from '../domain/fixed.ts';

/** Money on the REST side: eight places, always. */
export const money = (value: Fixed): string => placesOf(value, 8);

/** Money where the venue prints a bare `0` for nothing. */
export const moneyOrZero = (value: Fixed): string => (value === 0n ? '0' : money(value));

/** Prices of positions: shortest text, with `0.0` for none. */
export const positionPrice = (value: Fixed): string => {
  if (value === 0n) return '0.0';
  const text = textOf(value);
  return text.includes('.') ? text : `${text}.0`;
};

/** Shortest text. */
export const plain = (value: Fixed): string => textOf(value);
