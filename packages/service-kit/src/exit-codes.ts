/** Something an operator has to change first: starting again would fail in the same way. Source: sysexits.h, EX_CONFIG. */
export const CONFIG_FAULT_EXIT_CODE = 78;
/** A dependency that may come back: starting again can help. Source: sysexits.h, EX_UNAVAILABLE. */
export const UNAVAILABLE_EXIT_CODE = 69;
/** A broken invariant or an error nobody handled. Source: sysexits.h, EX_SOFTWARE. */
export const BROKEN_EXIT_CODE = 70;
