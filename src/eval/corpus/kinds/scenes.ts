import type { FileImage } from '../../../node/image-file.ts';
import { BLACK, type Colour, css, type Dice, WHITE } from '../dice.ts';
import { type Run, render } from '../draw.ts';
import { type TextStyle, textPath, textWidth } from '../fonts.ts';
import { phrase } from '../words.ts';

const fixed = (value: number) => value.toFixed(2);

/** A closed outline around (cx, cy), lumpy by `wobble`. */
function blob(dice: Dice, [cx, cy]: readonly [number, number], radius: number, wobble: number): string {
  const points = dice.times(8, (i) => {
    const [angle, r] = [(Math.PI * i) / 4, radius * dice.between(1 - wobble, 1 + wobble)];
    return [cx + r * Math.cos(angle), cy + r * Math.sin(angle)];
  });
  const middle = (i: number) =>
    [0, 1].map((k) => fixed((points[i % 8][k] + points[(i + 1) % 8][k]) / 2)).join(' ');
  return `M${middle(7)}${points.map((p, i) => `Q${p.map(fixed).join(' ')} ${middle(i)}`).join('')}Z`;
}

/** A panel of a comic: flat colours in black outlines, and what someone says. */
export function comic(dice: Dice): Promise<FileImage> {
  const [width, height] = [dice.int(120, 400), dice.int(120, 400)];
  const thickness = dice.pick([1.5, 2, 3, 4]);
  const outline = `stroke="black" stroke-width="${thickness}" stroke-linejoin="round"`;
  const hills = dice.times(2, (i) => {
    const d = blob(dice, [width * dice.next(), height * (1.1 + 0.1 * i)], width * 0.5, 0.25);
    return `<path d="${d}" fill="${css(dice.colour(0.5))}" ${outline}/>`;
  });
  const heads = dice.times(dice.int(1, 3), () => {
    const r = dice.between(0.1, 0.2) * Math.min(width, height);
    const [x, y] = [dice.between(r, width - r), dice.between(height * 0.45, height - r)];
    const eyes = [-0.35, 0.35].map(
      (at) =>
        `<circle cx="${fixed(x + at * r)}" cy="${fixed(y - 0.2 * r)}" r="${fixed(r * 0.18)}" fill="white" ${outline}/>` +
        `<circle cx="${fixed(x + at * r)}" cy="${fixed(y - 0.2 * r)}" r="1"/>`,
    );
    const mouth = `<path d="M${fixed(x - r * 0.4)} ${fixed(y + r * 0.3)}q${fixed(r * 0.4)} ${fixed(r * 0.4)} ${fixed(r * 0.8)} 0" fill="none" ${outline}/>`;
    return `<path d="${blob(dice, [x, y], r, 0.1)}" fill="${css(dice.colour(0.7))}" ${outline}/>${eyes.join('')}${mouth}`;
  });
  const style: TextStyle = { face: 'sans', size: dice.pick([10, 12, 14]) };
  const words = phrase(dice, 8).toUpperCase();
  const bubble = `<rect x="8" y="8" width="${Math.ceil(textWidth(words, style)) + 20}" height="${style.size + 14}" rx="9" fill="white" ${outline}/>`;
  const runs = [{ d: textPath(words, 18, style.size + 13, style).d, colour: BLACK }];
  return render({
    width,
    height,
    background: dice.colour(0.8, 40),
    shapes: [...hills, ...heads, bubble].join(''),
    runs,
  });
}

/** Boxes and arrows on the dotted or ruled ground of an editor. */
export function diagram(dice: Dice, index: number): Promise<FileImage> {
  const [width, height] = [dice.int(140, 520), dice.int(120, 400)];
  const dark = index % 3 === 2;
  const [ground, ink] = [dice.grey(dark ? 0.12 : 0.97), dice.grey(dark ? 0.9 : 0.15)];
  const spacing = dice.pick([5, 8, 10, 16, 20]);
  const dot = index % 2 ? `<rect width="1" height="1"` : `<path d="M0 0H${spacing}V1H1V${spacing}H0Z"`;
  const faint = css(dice.grey(dark ? dice.between(0.25, 0.6) : dice.between(0.3, 0.85)));
  const pattern = `<pattern id="p" width="${spacing}" height="${spacing}" patternUnits="userSpaceOnUse">${dot} fill="${faint}"/></pattern>`;
  const shapes = [pattern, '<rect width="100%" height="100%" fill="url(#p)"/>'];
  const style: TextStyle = { face: 'sans', size: dice.pick([10, 11, 12]), hinted: dice.chance(0.5) };
  const runs: Run[] = [];
  let last: readonly [number, number] | undefined;
  for (let k = 0; k < dice.int(3, 6); k++) {
    const words = phrase(dice, 5);
    const [w, h] = [Math.ceil(textWidth(words, style)) + 16, style.size + 14];
    const [x, y] = [dice.int(2, Math.max(3, width - w - 4)), dice.int(2, height - h - 4)];
    if (last)
      shapes.push(
        `<path d="M${last.join(' ')}L${x + 0.5} ${y + 0.5}" stroke="${css(ink)}" ${dice.chance(0.4) ? 'stroke-dasharray="3 2"' : ''}/>` +
          `<path d="M${x} ${y}l-6 -2v4z" fill="${css(ink)}"/>`,
      );
    const fill = css(dice.colour(dark ? 0.3 : 0.85, 40));
    shapes.push(
      `<rect x="${x}.5" y="${y}.5" width="${w}" height="${h}" rx="${dice.pick([0, 3])}" fill="${fill}" stroke="${css(ink)}"/>`,
    );
    runs.push({ d: textPath(words, x + 8, y + style.size + 5, style).d, colour: ink });
    last = [x + w + 0.5, y + h / 2];
  }
  return render({ width, height, background: ground, shapes: shapes.join(''), runs });
}

/** Measurements as dots of one pixel and more, error bars, and a curve through them. */
export function plot(dice: Dice, index: number): Promise<FileImage> {
  const [width, height] = [dice.int(120, 480), dice.int(100, 360)];
  const ink = dice.colour(0.35);
  const size = [1, 1, 2, 3][index % 4];
  const cloud = dice.times(dice.int(60, 700), () => {
    const t = dice.next();
    const x = Math.round(t * width);
    const y = Math.round(height * (0.5 - 0.3 * Math.sin(5 * t) + (dice.next() + dice.next() - 1) * 0.35));
    const bar = dice.chance(0.04) ? `<path d="M${x}.5 ${y - 7}v14" stroke="${css(ink)}"/>` : '';
    return `<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="${css(ink)}"/>${bar}`;
  });
  const line = Array.from(
    { length: 60 },
    (_, k) => `${fixed((width * k) / 59)} ${fixed(height * (0.5 - 0.3 * Math.sin((5 * k) / 59)))}`,
  );
  const curve = `<path d="M${line.join('L')}" fill="none" stroke="${css(dice.colour(0.5))}"/>`;
  const frame = `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" fill="none" stroke="black"/>`;
  const background = dice.chance(0.7) ? WHITE : dice.grey(0.1);
  return render({ width, height, background, shapes: [...cloud, curve, frame].join('') });
}

/** Soft shapes: blurred, shaded, through each other. */
export function illustration(dice: Dice): Promise<FileImage> {
  const [width, height] = [dice.int(100, 500), dice.int(100, 500)];
  const gradient = (i: number, a: Colour, b: Colour) =>
    `<linearGradient id="g${i}" gradientTransform="rotate(${dice.int(0, 90)})"><stop offset="0" stop-color="${css(a)}"/><stop offset="1" stop-color="${css(b)}"/></linearGradient>`;
  const shapes = dice.times(dice.int(5, 12), (i) => {
    const at = [dice.between(0, width), dice.between(0, height)] as const;
    const d = blob(dice, at, dice.between(0.08, 0.35) * width, 0.3);
    const blurred = dice.chance(0.4) ? 'filter="url(#b)"' : '';
    const fill = gradient(i, dice.colour(0.35), dice.colour(0.75));
    return `${fill}<path d="${d}" fill="url(#g${i})" opacity="${fixed(dice.between(0.5, 1))}" ${blurred}/>`;
  });
  const blur = `<filter id="b"><feGaussianBlur stdDeviation="${dice.int(2, 12)}"/></filter>`;
  const background = dice.chance(0.8) ? dice.colour(0.7) : undefined;
  return render({ width, height, ...(background ? { background } : {}), shapes: blur + shapes.join('') });
}
