/** One line of a chart. */
interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface ChartOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Logarithmic axes; default linear. */
  readonly logX?: boolean;
  readonly logY?: boolean;
}

const [WIDTH, HEIGHT] = [820, 400];
/** The legend stands in the right one, where no line can cross it. */
const MARGIN = { left: 64, right: 196, top: 40, bottom: 48 };
/** Told apart by colour-blind readers too (Okabe & Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

interface Axis {
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** A line chart as SVG, complete in itself. */
export function chart(series: readonly Series[], { title, x, y, logX, logY }: ChartOptions): string {
  const points = series.flatMap((s) => s.points);
  const across = axis(
    points.map(([value]) => value),
    logX,
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const up = axis(
    points.map(([, value]) => value),
    logY,
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const lines = series.map((s, i) => {
    const path = s.points.map(([px, py]) => `${across.place(px).toFixed(1)},${up.place(py).toFixed(1)}`);
    return `<polyline fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2" points="${path.join(' ')}"/>`;
  });
  const bottom = HEIGHT - MARGIN.bottom;
  const grid = [
    ...across.ticks.map((t) => line(across.place(t), MARGIN.top, across.place(t), bottom)),
    ...up.ticks.map((t) => line(MARGIN.left, up.place(t), WIDTH - MARGIN.right, up.place(t))),
  ];
  const labels = [
    ...across.ticks.map((t) => text(across.place(t), bottom + 18, number(t), 'middle')),
    ...up.ticks.map((t) => text(MARGIN.left - 8, up.place(t) + 4, number(t), 'end')),
    text(MARGIN.left, 22, title, 'start', 15),
    text((MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 10, x, 'middle'),
    `<g transform="translate(16 ${(MARGIN.top + bottom) / 2}) rotate(-90)">${text(0, 0, y, 'middle')}</g>`,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...grid,
    ...lines,
    ...labels,
    ...legend(series),
    '</svg>\n',
  ].join('\n');
}

function axis(values: readonly number[], log: boolean | undefined, from: number, to: number): Axis {
  const scale = log ? Math.log10 : (value: number) => value;
  const [low, high] = [Math.min(...values), Math.max(...values)].map(scale);
  const span = high - low || 1;
  return {
    place: (value) => from + ((scale(value) - low) / span) * (to - from),
    ticks: log ? decades(low, high) : rounds(low, high),
  };
}

/** 1, 2, 5 in every power of ten inside. */
function decades(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const digit of high - low < 2.5 ? [1, 2, 5] : [1]) {
      const exponent = power + Math.log10(digit);
      if (exponent >= low - 1e-9 && exponent <= high + 1e-9) ticks.push(digit * 10 ** power);
    }
  return ticks;
}

/** About six round values inside. */
function rounds(low: number, high: number): number[] {
  const rough = (high - low) / 6 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((digit) => digit * power >= rough) ?? 10);
  const count = Math.floor(high / step) - Math.ceil(low / step) + 1;
  return Array.from({ length: count }, (_, i) => (Math.ceil(low / step) + i) * step);
}

function legend(series: readonly Series[]): string[] {
  const left = WIDTH - MARGIN.right + 14;
  return series.flatMap((s, i) => {
    const top = MARGIN.top + 12 + 20 * i;
    const swatch = `<rect x="${left}" y="${top - 9}" width="10" height="10" fill="${COLOURS[i % COLOURS.length]}"/>`;
    return [swatch, text(left + 16, top, s.label, 'start')];
  });
}

const line = (x1: number, y1: number, x2: number, y2: number) =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="#ddd"/>`;

const escaped = (s: string) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function text(x: number, y: number, content: string, anchor: string, size = 12): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="${size}" fill="#333">${escaped(content)}</text>`;
}

const number = (value: number) => String(Number(value.toPrecision(3)));
