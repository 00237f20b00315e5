import { expect, it } from 'vitest';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { findSureGrain } from '../../src/engine/diagnosis/sure-grain.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIDE = 128;
const key = streamKey(3, 0);

/** What is found in brown ground of σ 15, stronger in some places than in others by as much as `uneven`, on patches of as much as `patches`, all over or in places. */
function foundOn({ uneven = 0, patches = 0, inPlaces = false, colour = true }) {
  const stuff = (x: number, y: number) => {
    const share = 1 + uneven * Math.sin(x / 5) * Math.sin(y / 5);
    const coarse = patches * normal(key, 10 ** 6 + 999 * Math.floor(x / 3) + 1999 * Math.floor(y / 3));
    const there = inPlaces ? Math.max(0, 0.4 + Math.sin(x / 13) * Math.sin(y / 13)) : 1;
    return (15 / 255) * (share * normal(key, 400 * y + x) + there * coarse);
  };
  const planes = (colour ? [0.5, 0.42, 0.35] : [0.5]).map((base) =>
    Float32Array.from({ length: SIDE ** 2 }, (_, i) => {
      const level = base + stuff(i % SIDE, Math.floor(i / SIDE));
      return Math.round(255 * Math.min(1, Math.max(0, level))) / 255;
    }),
  );
  const picture = toPicture({ planes, width: SIDE, height: SIDE });
  const looks = atOnce(lookAt(picture));
  return (atOnce(findNoise(picture, looks)) ?? findSureGrain(picture, looks))?.kind;
}

it.each([
  ['as even as chance leaves it is noise', {}, 'white'],
  ['stronger here and there is ground', { uneven: 0.45 }, undefined],
  ['grey and stronger here and there is ground', { uneven: 0.45, colour: false }, undefined],
  ['with more of it in patches is ground', { patches: 1 }, undefined],
  [
    'a little uneven over patches that are far more so is noise',
    { uneven: 0.25, patches: 1.5, inPlaces: true },
    'white',
  ],
])('what is alike in all colours and %s', (_, stuff, kind) => {
  expect(foundOn(stuff)).toBe(kind);
});
