/** Returns a name as it stands in code: `margin_ratio` is `marginRatio`. */
export const camelName = (name: string): string =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Returns a name as it stands on the wire and in files: `marginRatio` is `margin_ratio`. */
export const snakeName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
