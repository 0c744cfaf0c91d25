interface Corner {
  readonly point: readonly number[];
  readonly value: number;
}

/**
 * Returns a point at which `cost` is low, without derivatives. Deterministic: the same start gives the same end.
 *
 * Source: Nelder and Mead (1965) with the usual coefficients.
 */
export const simplexSearch = (
  cost: (point: readonly number[]) => number,
  start: readonly number[],
  options: { readonly step: number; readonly rounds: number; readonly tolerance?: number },
): Corner => {
  const { step, rounds, tolerance = 1e-9 } = options;
  const corner = (point: readonly number[]): Corner => ({ point, value: cost(point) });
  const corners = [corner(start)];
  for (let axis = 0; axis < start.length; axis += 1) {
    corners.push(corner(start.map((value, index) => (index === axis ? value + step : value))));
  }
  const sort = (): void => void corners.sort((left, right) => left.value - right.value);
  const best = (): Corner => corners[0] ?? corner(start);
  for (let round = 0; round < rounds; round += 1) {
    sort();
    const worst = corners[corners.length - 1] ?? best();
    if (worst.value - best().value < tolerance) break;
    const others = corners.slice(0, -1);
    const center = start.map(
      (_, axis) => others.reduce((sum, { point }) => sum + (point[axis] ?? 0), 0) / others.length,
    );
    const along = (factor: number): Corner =>
      corner(center.map((value, axis) => value + factor * ((worst.point[axis] ?? 0) - value)));
    const reflected = along(-1);
    const second = others[others.length - 1] ?? best();
    let next: Corner | null = reflected.value < second.value ? reflected : null;
    if (reflected.value < best().value) {
      const expanded = along(-2);
      next = expanded.value < reflected.value ? expanded : reflected;
    } else if (next === null) {
      const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
      if (contracted.value < Math.min(worst.value, reflected.value)) next = contracted;
    }
    if (next !== null) {
      corners[corners.length - 1] = next;
      continue;
    }
    const { point: anchor } = best();
    for (let index = 1; index < corners.length; index += 1) {
      const { point } = corners[index] ?? best();
      corners[index] = corner(point.map((value, axis) => ((anchor[axis] ?? 0) + value) / 2));
    }
  }
  sort();
  return best();
};
