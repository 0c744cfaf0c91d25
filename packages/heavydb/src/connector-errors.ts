/** Returns what the server said when it is the server that refused; null for every other failure. */
export const wordsOf = (error: unknown): string | null => {
  // TDBException carries its text in `error_msg`; it is no Error of this process.
  const said = (error as { readonly error_msg?: unknown } | null)?.error_msg;
  return typeof said === 'string' ? said : null;
};
