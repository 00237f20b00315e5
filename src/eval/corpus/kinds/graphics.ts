import type { FileImage } from '../../../node/image-file.ts';
import { BLACK, type Colour, css, type Dice, WHITE } from '../dice.ts';
import { type Drawing, type Run, render } from '../draw.ts';
import { type TextStyle, textPath } from '../fonts.ts';
import { phrase } from '../words.ts';

const fixed = (value: number) => value.toFixed(2);

/** A smooth open curve through random points. */
function curve(dice: Dice, width: number, height: number, points: number): string {
  const at = () => `${fixed(dice.between(-0.1, 1.1) * width)} ${fixed(dice.between(-0.1, 1.1) * height)}`;
  return `M${at()}${dice.times(points, () => `S${at()} ${at()}`).join('')}`;
}

const stroked = (d: string, colour: Colour, width: number, more = '') =>
  `<path d="${d}" fill="none" stroke="${css(colour)}" stroke-width="${width}" ${more}/>`;

/** Land and water, roads, dashed and dotted lines, places and their names. */
export function map(dice: Dice): Drawing {
  const [width, height] = [dice.int(140, 640), dice.int(120, 480)];
  const style: TextStyle = { face: dice.pick(['sans', 'serif'] as const), size: dice.pick([9, 10, 12]) };
  const areas = dice.times(
    4,
    () => `<path d="${curve(dice, width, height, 3)}Z" fill="${css(dice.colour(0.82, 35))}"/>`,
  );
  const roads = dice.times(dice.int(2, 5), () => {
    const d = curve(dice, width, height, 2);
    return stroked(d, dice.grey(0.6), 4) + stroked(d, WHITE, 2.5);
  });
  const dashes = ['1 3', '1 2', '2 2', '4 3', '6 2 1 2', '0 4'];
  const borders = dice.times(dice.int(3, 7), () => {
    const more = `stroke-dasharray="${dice.pick(dashes)}" ${dice.chance(0.5) ? 'stroke-linecap="round"' : ''}`;
    return stroked(curve(dice, width, height, 2), dice.colour(0.35), dice.pick([0.8, 1, 1.5, 2]), more);
  });
  const straight = dice.times(3, () => {
    const y = dice.int(4, height - 4) + 0.5;
    return `<path d="M0 ${y}H${width}" stroke="${css(dice.grey(0.3))}" stroke-dasharray="${dice.pick(['1 1', '1 3', '2 2'])}"/>`;
  });
  const runs: Run[] = [];
  const places = dice.times(dice.int(3, 9), () => {
    const [x, y] = [dice.int(5, width - 30), dice.int(12, height - 6)];
    runs.push({ d: textPath(phrase(dice, 5), x + 5, y + 3, style).d, colour: dice.grey(0.15) });
    return `<circle cx="${x}" cy="${y}" r="${dice.pick([1, 1.5, 2.5])}" fill="${css(dice.chance(0.4) ? [200, 30, 30] : BLACK)}"/>`;
  });
  const shapes = [...areas, ...roads, ...borders, ...straight, ...places].join('');
  return { width, height, background: dice.colour(0.9, 25), shapes, runs };
}

/** Lines alone: curves, or a dimensioned drawing. */
export function lineArt(dice: Dice, index: number): Drawing {
  const [width, height] = [dice.int(90, 512), dice.int(90, 512)];
  const ink = dice.chance(0.6) ? BLACK : dice.colour(0.3);
  const thickness = dice.pick([0.7, 1, 1.5, 2, 3]);
  const crisp = index % 3 === 0 ? 'shape-rendering="crispEdges"' : '';
  const curves = dice.times(dice.int(4, 14), () =>
    stroked(curve(dice, width, height, dice.int(1, 4)), ink, thickness, crisp),
  );
  const frames = dice.times(dice.int(3, 9), () => {
    const [x, y] = [dice.int(2, width / 2) + 0.5, dice.int(2, height / 2) + 0.5];
    const [w, h] = [dice.int(8, width / 2), dice.int(8, height / 2)];
    const turned = dice.chance(0.3) ? `transform="rotate(${dice.int(5, 60)} ${x} ${y})"` : '';
    const round = dice.chance(0.4) ? `rx="${Math.min(w, h) / 2}"` : '';
    return `<rect x="${x}" y="${y}" width="${w}" height="${h}" ${round} ${turned} ${crisp} fill="none" stroke="${css(ink)}"/>`;
  });
  const centre = `<path d="M0 ${height / 2}H${width}M${width / 2} 0V${height}" stroke="${css(ink)}" stroke-width=".5" stroke-dasharray="8 2 1 2"/>`;
  const shapes = index % 2 ? curves.join('') : [...frames, centre].join('');
  const background = dice.chance(0.7) ? WHITE : dice.colour(0.92, 20);
  return { width, height, background, shapes };
}

/** Tone by lines: parallel or crossed, of equal distance, thicker where it is darker. */
export function engraving(dice: Dice): Promise<FileImage> {
  const [width, height] = [dice.int(100, 360), dice.int(100, 360)];
  const spacing = dice.between(2.2, 6);
  const sets = dice.times(dice.int(1, 3), () => {
    const angle = dice.between(0, 180);
    const reach = width + height;
    const [wave, length] = [dice.between(0, 4), dice.between(20, 70)];
    const lines = dice.times(Math.ceil((2 * reach) / spacing), (i) => {
      const y = -reach + i * spacing;
      const thickness = Math.abs(spacing * 0.5 * (0.5 + 0.45 * Math.sin(y / length)));
      const d = `M${-reach} ${fixed(y)}${dice.times(12, (k) => `Q${fixed(-reach + (k + 0.5) * (reach / 6))} ${fixed(y + wave * (k % 2 ? 8 : -8))} ${fixed(-reach + (k + 1) * (reach / 6))} ${fixed(y)}`).join('')}`;
      return stroked(d, BLACK, Number(fixed(thickness)));
    });
    const [cx, cy, r] = [
      dice.between(0.3, 0.7) * width,
      dice.between(0.3, 0.7) * height,
      dice.between(0.3, 0.8) * width,
    ];
    const id = `c${Math.round(cx * 100)}-${Math.round(cy * 100)}`;
    return `<clipPath id="${id}"><circle cx="${fixed(cx)}" cy="${fixed(cy)}" r="${fixed(r)}"/></clipPath><g clip-path="url(#${id})"><g transform="translate(${width / 2},${height / 2}) rotate(${fixed(angle)})">${lines.join('')}</g></g>`;
  });
  return render({
    width,
    height,
    background: dice.chance(0.7) ? WHITE : dice.colour(0.9, 25),
    shapes: sets.join(''),
  });
}

const polygon = (cx: number, cy: number, r: number, corners: number, inner: number, turn: number) =>
  `M${Array.from({ length: corners * 2 }, (_, i) => {
    const radius = i % 2 ? r * inner : r;
    const angle = turn + (Math.PI * i) / corners;
    return `${fixed(cx + radius * Math.sin(angle))} ${fixed(cy - radius * Math.cos(angle))}`;
  }).join('L')}Z`;

/** One sign on a transparent ground, 16 to 96 px. */
export function icon(dice: Dice, index: number): Drawing {
  const side = dice.pick([16, 20, 24, 32, 40, 48, 64, 96]);
  const [c, r] = [side / 2, side * 0.46];
  const fill = dice.chance(0.4) ? BLACK : dice.colour(dice.between(0.3, 0.7));
  const thin = Math.max(1, Math.round(side / dice.pick([12, 16, 24])));
  const line = (d: string, colour = fill) =>
    stroked(d, colour, thin, 'stroke-linecap="round" stroke-linejoin="round"');
  const half = c + 0.5;
  const signs = [
    () =>
      `<path d="${polygon(c, c, r, dice.int(5, 14), dice.between(0.4, 0.85), 0)}" fill="${css(fill)}"/><circle cx="${c}" cy="${c}" r="${r * 0.3}" fill="${css(WHITE)}"/>`,
    () =>
      dice
        .times(3, (i) => line(`M${side * 0.15} ${Math.round(side * (0.25 + 0.25 * i)) + 0.5}H${side * 0.85}`))
        .join(''),
    () =>
      line(
        `M${side * 0.42} ${side * 0.12}a${side * 0.3} ${side * 0.3} 0 1 0 .01 0ZM${side * 0.63} ${side * 0.63}L${side * 0.9} ${side * 0.9}`,
      ),
    () =>
      `<circle cx="${c}" cy="${c}" r="${r}" fill="${css(WHITE)}"/>${dice.times(6, (i) => `<path d="${polygon(side * (0.25 + 0.1 * i), c, side * 0.2, 3, 0.3, i)}" fill="${css(fill)}"/>`).join('')}${line(`M${side * 0.2} ${side * 0.8}H${side * 0.8}`)}`,
    () =>
      line(
        `M${side * 0.2} ${half}L${c} ${side * 0.2}L${side * 0.8} ${half}M${side * 0.3} ${c}V${side * 0.85}H${side * 0.7}V${c}`,
      ),
    () =>
      dice
        .times(
          9,
          (i) =>
            `<rect x="${Math.round((0.15 + 0.25 * (i % 3)) * side)}" y="${Math.round((0.15 + 0.25 * Math.floor(i / 3)) * side)}" width="${thin + 1}" height="${thin + 1}" fill="${css(fill)}"/>`,
        )
        .join(''),
    () =>
      `<radialGradient id="g"><stop offset="0" stop-color="${css(fill)}"/><stop offset="1" stop-color="${css(fill)}" stop-opacity="0"/></radialGradient><circle cx="${c}" cy="${c}" r="${r}" fill="url(#g)"/>${line(polygon(c, c, r * 0.5, 4, 0.4, 0), WHITE)}`,
  ];
  return { width: side, height: side, shapes: signs[index % signs.length]() };
}

/** A sign and a name, opaque or transparent, 48 to 320 px. */
export function logo(dice: Dice): Drawing {
  const height = dice.int(40, 160);
  const width = Math.round(height * dice.between(1.5, 2.6));
  const [a, b] = [dice.colour(0.4), dice.colour(0.65)];
  const r = height * 0.38;
  const inner = dice.int(2, 5);
  const rings = dice.times(inner, (i) => {
    const corners = dice.int(3, 9);
    return `<path d="${polygon(height / 2, height / 2, (r * (inner - i)) / inner, corners, dice.between(0.5, 1), dice.next())}" fill="${css(i % 2 ? b : a)}"/>`;
  });
  const style: TextStyle = {
    face: dice.pick(['sans', 'serif'] as const),
    size: Math.round(height * dice.between(0.25, 0.4)),
  };
  const runs = [
    { d: textPath(phrase(dice, 4), height, height * 0.6, style).d, colour: dice.chance(0.5) ? a : BLACK },
  ];
  const background = dice.chance(0.5) ? (dice.chance(0.5) ? WHITE : dice.colour(0.9, 25)) : undefined;
  return { width, height, ...(background ? { background } : {}), shapes: rings.join(''), runs };
}
