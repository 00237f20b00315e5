/** A variance far below that of rounding to 8 bits. */
const TINY = 1e-9;

/** Weighted least squares of the variance by brightness, where neither noise can be less than none. */
export function fitLine(levels: readonly { readonly brightness: number; readonly variance: number }[]) {
  const average = levels.reduce((sum, { variance }) => sum + variance, 0) / levels.length;
  let level = { black: average, slope: 0 };
  // The measured variances scatter in proportion to what they are, hence the weights, and hence the repetition.
  for (let i = 0; i < 3; i++) {
    let [w, wm, wd, wmm, wmd] = [0, 0, 0, 0, 0];
    for (const { brightness: m, variance: d } of levels) {
      const weight = 1 / (level.black + level.slope * m + TINY) ** 2;
      w += weight;
      wm += weight * m;
      wd += weight * d;
      wmm += weight * m * m;
      wmd += weight * m * d;
    }
    const determinant = w * wmm - wm * wm;
    if (determinant <= 1e-9 * w * wmm) break;
    const slope = (w * wmd - wm * wd) / determinant;
    const black = (wd - slope * wm) / w;
    if (slope < 0) level = { black: average, slope: 0 };
    else level = black < 0 ? { black: 0, slope: wd / wm } : { black, slope };
  }
  return level;
}
