/** Returns ln Γ(x) for x > 0, to about 1e-12. Source: Stirling's series after shifting the argument above 8. */
export const logGamma = (x: number): number => {
  let shifted = x;
  let product = 1;
  while (shifted < 8) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
};

/** Returns the derivative of ln Γ at x > 0. Source: the asymptotic series after shifting the argument above 8. */
export const digamma = (x: number): number => {
  let shifted = x;
  let subtracted = 0;
  while (shifted < 8) {
    subtracted += 1 / shifted;
    shifted += 1;
  }
  const square = 1 / (shifted * shifted);
  const series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)));
  return Math.log(shifted) - 0.5 / shifted - series - subtracted;
};
